"""One bad file does not hold the good files beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.held_trial import (
    DATASET,
    UPSERT,
    decide,
    deliver,
    held,
    held_contract,
    open_held_trial,
    quarantined,
    standard_rows,
)

BAD = ("2026-03-01 01:00,D1,x", "2026-03-01 02:00,D1,y", "2026-03-01 03:00,D1,z")


@pytest.mark.parametrize("write", [{"mode": "append"}, UPSERT, {"mode": "replace", "partition": "day(hour_start)"}])
def test_the_good_files_are_committed_and_the_bad_one_is_held_alone(tmp_path: Path, write: dict[str, Any]) -> None:
    trial = open_held_trial(tmp_path, held_contract(write))
    deliver(trial, "a.csv", "2026-03-02 00:00,D1,10")
    deliver(trial, "b.csv", *BAD)
    deliver(trial, "c.csv", "2026-03-03 00:00,D1,10")
    outcome = trial.run()
    (batch,) = held(trial)
    assert outcome.exit_code == 2
    assert [row[3] for row in standard_rows(trial)] == ["a.csv", "c.csv"]
    assert set(quarantined(trial, "held")["_source"]) == {"b.csv"}
    assert batch.counts["rows_in"] == 3
    assert sorted(each.status for each in outcome.batches) == ["committed", "held"]
    again = trial.run()
    assert [each.batch for each in held(trial)] == [batch.batch]
    assert again.exit_code == 2
    assert decide(trial, "reject").exit_code == 0
    assert trial.run().exit_code == 0


def test_a_fault_of_all_files_together_holds_all_of_them(tmp_path: Path) -> None:
    trial = open_held_trial(tmp_path, held_contract(expect={"rows": {"min": 10}}))
    deliver(trial, "a.csv", "2026-03-02 00:00,D1,10")
    deliver(trial, "b.csv", "2026-03-03 00:00,D1,10")
    assert trial.run().exit_code == 2
    (batch,) = held(trial)
    assert len(batch.receipts) == 2
    assert standard_rows(trial) == []


def test_a_register_is_whole_or_held(tmp_path: Path) -> None:
    declared = held_contract({"mode": "snapshot", "key": ["device_code"], "effective": "day"})
    declared["source"] |= {"name_fields": "(?P<day>[0-9-]{10})"}
    declared["fields"] |= {"day": {"element": "time.day", "format": "%Y-%m-%d"}}
    trial = open_held_trial(tmp_path, declared)
    deliver(trial, "2026-03-01.csv", "2026-03-01 00:00,D1,10")
    deliver(trial, "2026-03-02.csv", *BAD)
    assert trial.run().exit_code == 2
    (batch,) = held(trial)
    assert (len(batch.receipts), standard_rows(trial)) == (2, [])


def test_a_file_whose_stray_rows_would_shrink_a_day_is_held_alone(tmp_path: Path) -> None:
    trial = open_held_trial(tmp_path, held_contract({"mode": "replace", "partition": "day(hour_start)"}))
    deliver(trial, "a.csv", *(f"2026-03-01 {hour:02}:00,D1,10" for hour in range(20)))
    deliver(trial, "b.csv", "2026-03-01 00:00,D1,10", "2026-03-02 00:00,D1,10")
    deliver(trial, "c.csv", "2026-03-03 00:00,D1,10")
    outcome = trial.run()
    assert outcome.exit_code == 2
    assert len(standard_rows(trial)) == 21
    assert set(quarantined(trial, "held")["_source"]) == {"b.csv"}
    assert trial.dataset(outcome, DATASET)["status"] == "held"
