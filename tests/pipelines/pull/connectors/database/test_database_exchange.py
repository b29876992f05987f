"""A front-end database: rows are taken in the order of their batches, and only those that were read are marked."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from citylake.pipelines.marts.make.delta_views import create_standard_view
from citylake.pipelines.pull.connectors.database import connector
from citylake.schemas.lint.valid_registry import load_valid_registry
from tests.exchanged import DATASET, FrontEnd, known
from tests.trial import Trial

FIRST = [("A1", "I", 1, "01"), ("A2", "I", 1, "01"), ("A1", "U", 2, "02"), ("A2", "D", 10, "03"), ("A3", "I", 10, "03")]


def status(trial: Trial) -> dict[str, Any]:
    return trial.dataset(trial.run(), DATASET)


def test_the_last_change_of_each_thing_is_kept_and_all_rows_are_marked(front_end: FrontEnd, trial: Trial) -> None:
    front_end.hand_over(FIRST)
    told = status(trial)
    assert (told["status"], told["rows_in"], told["rows_superseded"]) == ("committed", 5, 2)
    assert known(trial) == {"A1": "U", "A2": "D", "A3": "I"}
    assert front_end.flags() == {"1": 5}


def test_nothing_waiting_is_nothing_new(front_end: FrontEnd, trial: Trial) -> None:
    front_end.hand_over(FIRST)
    trial.run()
    assert status(trial)["status"] == "unchanged"
    assert len(trial.ledger.read("batches").filter(status="committed")) == 1


def test_what_comes_later_is_taken_by_the_next_run(front_end: FrontEnd, trial: Trial) -> None:
    front_end.hand_over(FIRST)
    trial.run()
    front_end.hand_over([("A1", "D", 11, "04"), ("A4", "I", 11, "04")])
    trial.run()
    assert known(trial) == {"A1": "D", "A2": "D", "A3": "I", "A4": "I"}
    assert front_end.flags() == {"1": 7}


def test_marts_do_not_see_what_is_deleted(front_end: FrontEnd, trial: Trial) -> None:
    front_end.hand_over(FIRST)
    trial.run()
    with duckdb.connect() as connection:
        create_standard_view(connection, trial.lake, load_valid_registry(trial.root / "workspace"), DATASET, None)
        assert connection.execute("SELECT case_no FROM gov.cases ORDER BY 1").fetchall() == [("A1",), ("A3",)]


@pytest.mark.parametrize(
    ("late", "flags"),
    [
        # Of a later batch, or of the same with a later time: it waits for the next run.
        ([("B1", "I", 11, "01")], {"0": 1, "1": 5}),
        ([("B1", "I", 10, "59")], {"0": 1, "1": 5}),
        # Written late under an earlier time: nobody can tell it from what was read, but by looking at all of it.
        ([("B1", "I", 10, "03")], {"0": 6}),
        ([("B1", "I", 1, "01")], {"0": 6}),
    ],
)
def test_rows_that_arrive_while_others_are_taken_are_never_marked(
    front_end: FrontEnd, trial: Trial, monkeypatch: pytest.MonkeyPatch, late: Any, flags: dict[str, int]
) -> None:
    front_end.hand_over(FIRST)
    settle = connector.DatabaseConnector.settle

    def meanwhile(*given: Any) -> None:
        front_end.hand_over(late)
        settle(*given)

    monkeypatch.setattr(connector.DatabaseConnector, "settle", meanwhile)
    outcome = trial.run()
    assert front_end.flags() == flags
    assert known(trial) == {"A1": "U", "A2": "D", "A3": "I"}
    if "1" not in flags:
        problems = [problem["code"] for problem in trial.dataset(outcome, DATASET)["problems"]]
        assert problems == ["EXCHANGE_MOVED"]
    monkeypatch.setattr(connector.DatabaseConnector, "settle", settle)
    trial.run()
    assert known(trial) == {"A1": "U", "A2": "D", "A3": "I", "B1": "I"}
    assert front_end.flags() == {"1": 6}


@pytest.mark.parametrize("change", ["DELETE FROM cases WHERE {}", "UPDATE cases SET \"GDBH\" = 'X' WHERE {}"])
def test_rows_that_changed_meanwhile_are_not_marked(
    front_end: FrontEnd, trial: Trial, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    front_end.hand_over(FIRST)
    settle = connector.DatabaseConnector.settle

    def meanwhile(*given: Any) -> None:
        front_end.database.sql(change.format("\"GDBH\" = 'A3'"))
        settle(*given)

    monkeypatch.setattr(connector.DatabaseConnector, "settle", meanwhile)
    trial.run()
    assert "1" not in front_end.flags()


def test_a_row_that_is_refused_is_taken_too_and_waits_in_quarantine(front_end: FrontEnd, trial: Trial) -> None:
    front_end.hand_over([("A1", "I", 1, "01"), ("A2", "X", 1, "01")])
    assert status(trial)["rows_quarantined"] == 1
    assert front_end.flags() == {"1": 2}
