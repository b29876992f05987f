"""Rows of a held batch are in the quarantine, whole and once, until something is decided about them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.held_trial import DATASET, decide, deliver, held, held_contract, open_held_trial, quarantined, standard_rows
from tests.trial import Trial

GOOD, BAD = "2026-03-01 00:00,D1,10", "2026-03-01 01:00,D1,x"
WORSE = "2026-03-01 02:00,,y"


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    return open_held_trial(tmp_path)


def test_every_row_of_a_held_batch_is_held_whole_with_the_reasons_of_the_batch_and_its_own(trial: Trial) -> None:
    deliver(trial, "d.csv", GOOD, BAD, WORSE)
    assert trial.run().exit_code == 2
    (batch,) = held(trial)
    rows = quarantined(trial)
    assert rows["state"].to_list() == ["held"] * 3
    assert set(rows["_batch"]) == {batch.batch}
    assert [json.loads(raw) for raw in rows["raw"]] == [
        {"t": "2026-03-01 00:00", "dev": "D1", "v": "10"},
        {"t": "2026-03-01 01:00", "dev": "D1", "v": "x"},
        {"t": "2026-03-01 02:00", "dev": None, "v": "y"},
    ]
    codes = rows["codes"].to_list()
    assert codes[0] == ["QUARANTINE_SHARE_HIGH"]
    assert codes[1] == ["QUARANTINE_SHARE_HIGH", "VALUE_UNREADABLE"]
    assert codes[2][0] == "QUARANTINE_SHARE_HIGH"
    assert len(codes[2]) == 3
    assert (batch.counts["rows_in"], standard_rows(trial)) == (3, [])


def test_the_same_bytes_held_again_are_not_written_a_second_time(trial: Trial) -> None:
    deliver(trial, "d.csv", BAD, WORSE)
    trial.run()
    first, rows = held(trial), quarantined(trial)
    trial.run()
    again = held(trial)
    assert [each.batch for each in again] == [each.batch for each in first]
    assert again[0].since == first[0].since
    assert quarantined(trial).equals(rows)


def test_rows_of_a_batch_that_was_held_before_its_rows_were_judged_are_held_too(trial: Trial) -> None:
    deliver(trial, "d.csv", "2026-03-01 00:00,10", header="t,v")
    outcome = trial.run()
    assert outcome.exit_code == 2
    (batch,) = held(trial)
    rows = quarantined(trial)
    assert rows["codes"].to_list() == [["MISSING_COLUMN"]]
    assert json.loads(rows["raw"][0]) == {"t": "2026-03-01 00:00", "v": "10"}
    assert (batch.counts["rows_in"], batch.counts["rows_quarantined"]) == (1, 1)


def test_bytes_that_cannot_be_read_are_a_held_batch_without_rows(trial: Trial) -> None:
    (trial.root / "in/d.csv").write_bytes(b"t,dev,v\n\x00\x01\xff\xfe,\x80\n")
    outcome = trial.run()
    (batch,) = held(trial)
    assert outcome.exit_code == 2
    assert (batch.counts["rows_in"], quarantined(trial).height) == (0, 0)
    assert len(batch.receipts) == 1


def test_rows_leave_when_a_corrected_contract_commits_their_bytes(trial: Trial) -> None:
    deliver(trial, "d.csv", GOOD, BAD, WORSE)
    trial.run()
    trial.declare("datasets/c", held_contract(expect={"quarantine_share": 1.0}))
    assert trial.run().exit_code == 0
    assert held(trial) == []
    assert quarantined(trial)["state"].to_list() == ["open", "open"]
    assert len(standard_rows(trial)) == 1


def test_a_corrected_delivery_of_the_file_takes_the_place_of_the_held_one(trial: Trial) -> None:
    deliver(trial, "d.csv", BAD, WORSE)
    trial.run()
    deliver(trial, "d.csv", GOOD)
    assert trial.run().exit_code == 0
    assert held(trial) == []
    assert quarantined(trial)["state"].to_list() == ["superseded"] * 2


def test_a_batch_held_under_another_contract_is_held_once(trial: Trial) -> None:
    deliver(trial, "d.csv", BAD, WORSE)
    trial.run()
    (first,) = held(trial)
    trial.declare("datasets/c", held_contract(expect={"quarantine_share": 0.4}))
    trial.run()
    (second,) = held(trial)
    assert first.batch != second.batch
    assert quarantined(trial)["_batch"].to_list() == [second.batch] * 2


def test_records_that_the_reader_refused_are_held_with_the_others(trial: Trial) -> None:
    deliver(trial, "d.csv", "2026-03-01 00:00,D1", BAD, WORSE)
    trial.run()
    rows = quarantined(trial)
    assert rows.height == 3
    assert {"_line": "2026-03-01 00:00,D1"} in [json.loads(raw) for raw in rows["raw"]]


def test_names_that_look_like_patterns_are_names(trial: Trial) -> None:
    deliver(trial, "d.csv", f"{BAD},1,2,3", f"{WORSE},4,5,6", header="t,dev,v,*,^.*$,V")
    trial.run()
    first = json.loads(quarantined(trial)["raw"][0])
    assert [first[name] for name in ("*", "^.*$", "V", "v")] == ["1", "2", "3", "x"]


def test_a_held_replay_holds_no_rows_that_stand_in_the_table(trial: Trial) -> None:
    deliver(trial, "d.csv", GOOD)
    trial.run()
    for file in Path(trial.lake.path("landing", DATASET)).rglob("*.csv"):
        file.unlink()
    assert trial.replay(DATASET, batch=trial.ledger.committed_batches(DATASET)["batch"][0]).status in (
        "held",
        "committed",
    )
    assert held(trial) == []
    assert len(standard_rows(trial)) == 1


def test_a_decided_batch_is_not_held_by_later_runs(trial: Trial) -> None:
    deliver(trial, "d.csv", BAD, WORSE)
    trial.run()
    decide(trial, "reject")
    assert trial.run().exit_code == 0
    assert quarantined(trial)["state"].to_list() == ["rejected"] * 2
