"""Two runs that pull the same bytes: whichever commits first, they are one batch."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from citylake.pipelines.context import RunContext, new_run, run_variables
from citylake.pipelines.flow.conductor import Conductor, ingest_dataset
from citylake.pipelines.flow.step_state import MemoryStepState
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.schemas.read.registry import load_registry
from tests.small_workspace import write_small_workspace

DATASET = "air.readings"
StepName = Literal["pull", "parse", "conform", "audit", "commit", "settle"]
STEPS: tuple[StepName, ...] = ("pull", "parse", "conform", "audit", "commit", "settle")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """With a row that comes twice."""
    made = write_small_workspace(tmp_path / "workspace")
    file = made / "inbox/air.csv"
    file.write_text(file.read_text("utf-8") + "S1,2026-03-02 08:00,40.0\n", "utf-8")
    return made


def context(workspace: Path) -> RunContext:
    registry, this, lake = load_registry(workspace), new_run(), Lake(str(workspace.parent / "lake"))
    return RunContext(registry, lake, Ledger(lake), this, run_variables(registry, this))


@pytest.mark.parametrize("after", ["pull", "parse", "conform", "audit"])
def test_bytes_that_another_run_has_committed_since_the_pull_are_its_batch(workspace: Path, after: str) -> None:
    mine, other = context(workspace), context(workspace)
    contract = mine.registry.contracts[DATASET]
    with MemoryStepState() as state:
        conductor = Conductor(mine, contract, state)
        for name in STEPS:
            conductor.run(name)
            if name == after:
                ingest_dataset(other, contract)
                other.ledger.flush()
    mine.ledger.flush()
    ledger = Ledger(mine.lake)
    committed = ledger.read("batches").filter(status="committed")
    assert (committed.height, committed["batch"].n_unique()) == (2, 1)
    assert ledger.read("duplicates").height == committed["rows_duplicate"][0] == 1
