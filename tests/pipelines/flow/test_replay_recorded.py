"""Replays of files whose raw zone is a read record: the landed bytes again, or a stop with the reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.context import RunContext, run_variables
from citylake.pipelines.flow.conductor import Conductor, StepName
from citylake.pipelines.flow.step_state import LakeStepState
from citylake.pipelines.parse.read_record import READ_FILE
from citylake.pipelines.records import BatchResult, Run
from citylake.pipelines.upkeep.verify.damaged_files import find_damaged_files
from citylake.schemas.lint.valid_registry import load_valid_registry
from tests.kept_folder import KeptFolder
from tests.pipelines.flow.test_replay import (
    DATASET,
    WRITES,
    committed_trial,
    contract,
    deliver,
    new_trial,
    replay,
    rows,
)
from tests.trial import Trial

__all__ = ["new_trial"]


@pytest.fixture
def trial(kept: KeptFolder) -> Trial:
    """A committed file, of which the contract has another unit since."""

    def begin() -> None:
        found = committed_trial(kept.root)
        found.declare("datasets/c", contract(WRITES["append"], unit="m/s"))

    kept.restore(begin)
    return Trial(kept.root, {"IN": str(kept.root / "in")})


def landed(trial: Trial) -> Path:
    (receipt,) = trial.receipts(DATASET)
    (path,) = receipt["landing"]
    return Path(path)


def record(trial: Trial) -> Path:
    (receipt,) = trial.receipts(DATASET)
    return Path(trial.lake.raw(DATASET, receipt["id"]), READ_FILE)


def change_record(trial: Trial, **values: Any) -> None:
    path = record(trial)
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | values), "utf-8")


def codes(result: BatchResult) -> tuple[str, list[str]]:
    # REPLAY_HELD says that the rows of the earlier reading stay.
    return result.status, [problem.code for problem in result.problems if problem.code != "REPLAY_HELD"]


def speeds(trial: Trial) -> list[float]:
    return trial.standard(DATASET)["mean_speed_kmh"].to_list()


def test_a_replay_reads_the_landed_bytes_by_the_record(trial: Trial) -> None:
    before, at = record(trial).read_bytes(), record(trial).stat().st_mtime_ns
    result = replay(trial)
    assert (result.status, result.counts.rows_in, speeds(trial)) == ("committed", 2, [36.0])
    assert (record(trial).read_bytes(), record(trial).stat().st_mtime_ns) == (before, at)


def test_a_replay_without_the_landed_bytes_says_that_they_are_lost(trial: Trial) -> None:
    landed(trial).unlink()
    assert codes(replay(trial)) == ("held", ["LANDING_LOST"])
    assert speeds(trial) == [10.0]


@pytest.mark.parametrize("left", ["record", "nothing"])
def test_changed_landed_bytes_stop_a_replay(trial: Trial, left: str) -> None:
    landed(trial).write_bytes(landed(trial).read_bytes().replace(b"D1,10", b"D1,99"))
    if left == "nothing":
        record(trial).unlink()
    assert codes(replay(trial)) == ("held", ["LANDING_CHANGED"])
    assert speeds(trial) == [10.0]


def test_a_replay_that_reads_other_rows_than_recorded_stops(trial: Trial) -> None:
    change_record(trial, rows=3)
    result = replay(trial)
    assert codes(result) == ("held", ["READING_DIFFERS"])
    assert {"recorded": 3, "found": 2}.items() <= result.problems[0].values.items()
    assert speeds(trial) == [10.0]


@pytest.mark.parametrize(("rows_before", "status"), [(2, "committed"), (3, "held")])
def test_a_record_of_another_reader_is_compared_with_a_new_reading(trial: Trial, rows_before: int, status: str) -> None:
    change_record(trial, reader=0, rows=rows_before, offset=1)
    assert replay(trial).status == status
    assert json.loads(record(trial).read_text("utf-8"))["reader"] == (1 if status == "committed" else 0)


def test_other_words_of_the_source_read_the_bytes_anew(trial: Trial) -> None:
    changed = contract(WRITES["append"], unit="m/s")
    changed["source"]["format"] = {"type": "csv", "title_rows": 1, "header": ["t", "dev", "v"]}
    trial.declare("datasets/c", changed)
    assert (replay(trial).status, speeds(trial)) == ("committed", [36.0])
    assert json.loads(record(trial).read_text("utf-8"))["words"]["format"]["title_rows"] == 1


def test_a_broken_record_is_named_and_a_replay_of_what_is_damaged_reads_by_the_contract(trial: Trial) -> None:
    record(trial).write_bytes(b"{")
    assert codes(replay(trial)) == ("held", ["READ_RECORD_BROKEN"])
    damaged = find_damaged_files(trial.ledger, DATASET)
    assert damaged.texts == (record(trial).parent.name,)
    assert (replay(trial, damaged=damaged).status, speeds(trial)) == ("committed", [36.0])
    assert json.loads(record(trial).read_text("utf-8"))["rows"] == 2


def steps(trial: Trial, *names: StepName) -> None:
    """Each step in a state of its own, as a scheduler's tasks are."""
    registry, run = load_valid_registry(trial.root / "workspace"), Run("task", datetime.now(UTC))
    for name in names:
        context = RunContext(registry, trial.lake, trial.ledger, run, run_variables(registry, run, trial.given))
        with LakeStepState(context.lake, run.id, DATASET, context.budget) as state:
            Conductor(context, registry.contract(DATASET), state).run(name)


def test_a_scheduler_reads_the_bytes_again_for_conform(new_trial: Callable[[], Trial]) -> None:
    found = []
    for tasks in (False, True):
        trial = new_trial()
        trial.declare("datasets/c", contract(WRITES["append"]))
        deliver(trial, "d1.csv", "2026-03-01 00:00,D1,10", "2026-03-01 01:00,D1,x")
        deliver(trial, "d2.csv", "2026-03-02 00:00,D1,30")
        if tasks:
            steps(trial, "pull", "parse", "conform", "audit", "commit", "settle")
        else:
            assert trial.run().exit_code == 0
        found.append(rows(trial))
    assert found[0] == found[1]


def test_a_scheduler_stops_if_the_bytes_change_between_parse_and_conform(new_trial: Callable[[], Trial]) -> None:
    trial = new_trial()
    trial.declare("datasets/c", contract(WRITES["append"]))
    deliver(trial, "d1.csv", "2026-03-01 00:00,D1,10")
    steps(trial, "pull", "parse")
    (path,) = Path(trial.lake.path("landing")).rglob("*.csv")
    path.write_bytes(path.read_bytes().replace(b"D1,10", b"D1,99"))
    steps(trial, "conform", "audit", "commit")
    last = trial.ledger.read("batches").row(-1, named=True)
    assert (last["status"], "LANDING_CHANGED" in str(last)) == ("held", True)
