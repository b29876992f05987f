"""One dataset's fault, of whatever kind, ends neither the others nor the marts, the report and the ledger."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.context import RunContext
from citylake.pipelines.flow import run_pipeline
from citylake.pipelines.flow.conductor import DATASET_STEPS, DatasetStep, StepName, ingest_dataset
from citylake.pipelines.flow.step_state import StepState
from citylake.pipelines.records import BatchResult
from citylake.schemas.model.contract import Contract
from tests.declared import declare_packs, device_counts
from tests.trial import Trial

FAULTY, GOOD = "traffic.a_faulty", "traffic.b_good"


class PanicException(BaseException):
    """As pyo3 declares it: what a panic in polars or deltalake becomes, which is no ``Exception``."""


class UnprintableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


FAULTS = {
    "a panic in Rust": PanicException("index out of bounds"),
    "a library that exits": SystemExit(1),
    "no memory": MemoryError(),
    "a recursion without end": RecursionError("maximum recursion depth exceeded"),
    "a text that is no text": ValueError("caf\udce9"),
    "an exception without text": UnprintableError(),
}


@pytest.fixture
def two(tmp_path: Path) -> Trial:
    trial = Trial(tmp_path, {"CITY": str(tmp_path / "city")})
    declare_packs(tmp_path / "workspace")
    for number, dataset in enumerate((FAULTY, GOOD)):
        trial.declare(f"datasets/{number}", device_counts(dataset, f"${{CITY}}/{number}.csv"))
        (tmp_path / "city").mkdir(exist_ok=True)
        (tmp_path / f"city/{number}.csv").write_text("device\nD1\n", "utf-8")
    return trial


def failing(step: StepName, error: BaseException) -> Any:
    """What is done with each dataset: the ordinary steps, one of which fails for the first dataset."""

    def work(context: RunContext, contract: Contract, state: StepState) -> None:
        if contract.dataset == FAULTY:
            raise error
        DATASET_STEPS[step].work(context, contract, state)

    steps: dict[StepName, DatasetStep] = {**DATASET_STEPS, step: replace(DATASET_STEPS[step], work=work)}

    def ingest(context: RunContext, contract: Contract) -> list[BatchResult]:
        return ingest_dataset(context, contract, steps)

    return ingest


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("step", ["pull", "commit"])
def test_the_other_dataset_is_committed_and_the_fault_is_told(
    two: Trial, fault: str, step: StepName, caplog: pytest.LogCaptureFixture
) -> None:
    # The processes of a test run cannot send each other a log with a text that is no text.
    caplog.set_level(logging.CRITICAL)
    outcome = two.run(ingest=failing(step, FAULTS[fault]))
    assert outcome.exit_code == run_pipeline.EXIT_FAILED
    assert {entry["dataset"]: entry["status"] for entry in outcome.document["datasets"]} == {
        FAULTY: "failed",
        GOOD: "committed",
    }
    (problem,) = two.dataset(outcome, FAULTY)["problems"]
    assert type(FAULTS[fault]).__name__ in problem["text"]["en"]
    assert two.standard(GOOD).height == 1
    assert set(two.ledger.read("batches")["status"]) == {"failed", "committed"}


def test_the_interrupt_of_a_person_ends_the_run_and_keeps_what_is_done(two: Trial) -> None:
    two.run(datasets=[GOOD])
    with pytest.raises(KeyboardInterrupt):
        two.run(ingest=failing("commit", KeyboardInterrupt()))
    assert two.standard(GOOD).height == 1
