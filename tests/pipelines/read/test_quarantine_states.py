from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.lake.ledger.acts_table import Act
from citylake.pipelines.read.quarantine_duties import count_waiting_rows, is_overdue, scan_row_duties
from citylake.pipelines.read.quarantine_states import (
    WAITING_STATES,
    decisions_by_dataset,
    last_decisions,
    scan_row_states,
)
from citylake.quality.calendars import load_work_calendar
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry
from citylake.schemas.read.workspace import Workspace
from tests.declared import ALL_PACKS

DATASET = "test.readings"
FRIDAY = datetime(2026, 3, 6, 8, tzinfo=UTC)
READ = {"_batch": "b1", "_receipt": "r1", "_part": "", "_source": "a.csv", "raw": "{}", "quarantined_at": FRIDAY}


def store_rows(lake: Lake, rows: Iterable[dict[str, Any]]) -> None:
    times = dict.fromkeys(("quarantined_at", "closed_at", "first_seen_at"), pl.Datetime("us", "UTC"))
    kinds: dict[str, Any] = {**times, "_row": pl.Int64, "codes": pl.List(pl.String)}
    frame = pl.DataFrame([{"codes": ["CODE_UNKNOWN"], **READ, **row} for row in rows], schema_overrides=kinds)
    frame.write_delta(lake.quarantine(DATASET))


def decide(lake: Lake, act_id: str, decision: str, row: int, at: datetime, *, complete: bool = True) -> None:
    ledger = Ledger(lake)
    place = {"dataset": DATASET, "_receipt": "r1", "_part": "", "_row": row}
    frame = pl.DataFrame([{"act_id": act_id, "recorded_at": at, "decision": decision, **place}])
    ledger.append_frame("row_acts", frame.with_columns(pl.col("recorded_at").cast(pl.Datetime("us", "UTC"))))
    if complete:
        ledger.add_act(Act(act_id, "correct_rows", DATASET, "市气象局", "li", "as the station says"))
        ledger.flush()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


def states(lake: Lake) -> dict[int, str]:
    return dict(scan_row_states(lake, DATASET).select("_row", "state").collect().iter_rows())


def test_a_dataset_that_was_never_refused_has_no_rows(lake: Lake) -> None:
    assert scan_row_states(lake, DATASET).collect().is_empty()


def test_a_row_of_an_older_table_was_seen_once_when_it_was_quarantined(lake: Lake) -> None:
    store_rows(lake, [{"_row": 7, "state": "open"}])
    (row,) = scan_row_states(lake, DATASET).collect().to_dicts()
    assert (row["row_id"], row["state"], row["first_seen_at"], row["times_seen"]) == ("r1/7", "open", FRIDAY, 1)
    assert (row["decided_by"], row["closed_at"]) == (None, None)


@pytest.mark.parametrize(
    ("stored", "decision", "seen"),
    [
        *(("open", each, each) for each in ("exported", "corrected", "released", "discarded")),
        ("open", "reopened", "open"),
        ("returned", "released", "released"),
        *(("returned", each, "returned") for each in ("exported", "corrected", "discarded")),
        *(("held", each, "held") for each in ("exported", "corrected")),
        ("superseded", "exported", "superseded"),
    ],
)
def test_the_state_is_that_of_the_last_reading_and_the_last_decision(
    lake: Lake, stored: str, decision: str, seen: str
) -> None:
    store_rows(lake, [{"_row": 1, "state": stored}])
    decide(lake, "one", decision, 1, FRIDAY + timedelta(hours=1))
    assert states(lake) == {1: seen}


def test_the_last_of_several_decisions_counts(lake: Lake) -> None:
    store_rows(lake, [{"_row": 1, "state": "open"}, {"_row": 2, "state": "open"}])
    for number, decision in enumerate(("exported", "discarded", "reopened")):
        decide(lake, str(number), decision, 1, FRIDAY + timedelta(hours=1))
    decide(lake, "other", "exported", 2, FRIDAY + timedelta(hours=1))
    assert states(lake) == {1: "open", 2: "exported"}


def test_rows_of_an_act_that_was_interrupted_do_not_count(lake: Lake) -> None:
    store_rows(lake, [{"_row": 1, "state": "open"}])
    decide(lake, "one", "exported", 1, FRIDAY, complete=False)
    assert states(lake) == {1: "open"}


@pytest.mark.parametrize("decision", ["corrected", "released"])
def test_a_row_that_is_refused_after_its_correction_or_release_is_open_again(lake: Lake, decision: str) -> None:
    store_rows(lake, [{"_row": 1, "state": "open"}])
    decide(lake, "one", decision, 1, FRIDAY - timedelta(hours=1))
    assert states(lake) == {1: "open"}


def test_the_id_of_a_row_is_that_of_its_first_refusal(lake: Lake) -> None:
    row = {"_row": 4, "_receipt": "r9", "first_receipt": "r1", "_part": "sheet", "state": "open", "times_seen": 3}
    store_rows(lake, [row])
    (found,) = scan_row_states(lake, DATASET).collect().to_dicts()
    assert (found["row_id"], found["_receipt"], found["read_receipt"]) == ("r1/4/sheet", "r1", "r9")
    assert found["times_seen"] == 3


def contract(**more: Any) -> Contract:
    return Contract.model_validate(
        {
            "dataset": DATASET,
            "title": {"zh": "读数", "en": "readings"},
            "owner": {"department": "市气象局"},
            "source": {"connector": "files", "path": "*.csv", "format": {"type": "csv"}},
            "fields": {"a": {"element": "test.a"}},
            "write": {"mode": "append"},
            **more,
        }
    )


@pytest.mark.parametrize(
    ("settings", "due"), [({}, date(2026, 3, 13)), ({"quarantine": {"due_days": 1}}, date(2026, 3, 9))]
)
def test_a_row_is_due_so_many_working_days_after_it_was_refused_first(
    lake: Lake, settings: dict[str, Any], due: date
) -> None:
    codes = {1: ["CODE_UNKNOWN"], 2: ["ROW_DISCARDED_BY_NOBODY", "CODE_UNKNOWN"]}
    store_rows(lake, [{"_row": row, "state": "open", "codes": found} for row, found in codes.items()])
    registry = Registry(Workspace(ALL_PACKS))
    found = scan_row_duties(lake, contract(**settings), registry).collect()
    assert found["due_on"].to_list() == [due, due]
    assert found["responsible"].to_list() == ["supplier", "supplier"]
    assert found["department"].unique().to_list() == ["市气象局"]
    late = datetime(due.year, due.month, due.day, 16, 1, tzinfo=UTC)  # past midnight in Shanghai
    assert found.select(is_overdue(late, registry).all()).item()
    assert not found.select(is_overdue(late - timedelta(minutes=2), registry).any()).item()


def test_a_row_that_nobody_has_to_settle_is_not_due(lake: Lake) -> None:
    store_rows(lake, [{"_row": n, "state": each} for n, each in enumerate(("returned", "superseded", "held"))])
    found = scan_row_duties(lake, contract(), Registry(Workspace(ALL_PACKS))).collect()
    assert found["due_on"].null_count() == 3


def test_the_count_of_waiting_rows_is_that_of_the_rows_themselves(lake: Lake) -> None:
    kinds = ("open", "open", "held", "returned", "open", "superseded")
    rows = [
        {"_row": n, "state": each, "quarantined_at": FRIDAY + timedelta(days=n), "first_seen_at": None}
        for n, each in enumerate(kinds)
    ]
    store_rows(lake, rows)
    decide(lake, "one", "discarded", 1, FRIDAY + timedelta(days=9))
    registry = Registry(Workspace(ALL_PACKS))
    duties = scan_row_duties(lake, contract(), registry).filter(pl.col("state").is_in(WAITING_STATES))
    states_now, calendar = scan_row_states(lake, DATASET), load_work_calendar(registry.workspace)
    for days in (0, 8, 60):
        now = FRIDAY + timedelta(days=days)
        due = duties.select(pl.len(), is_overdue(now, registry).sum().alias("overdue")).collect().row(0)
        assert count_waiting_rows(states_now, contract(), registry, calendar, now) == due


def test_the_decisions_of_all_datasets_come_from_one_reading(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    decide(lake, "one", "discarded", 1, FRIDAY)
    decide(lake, "two", "corrected", 2, FRIDAY, complete=False)
    ledger = Ledger(lake)
    expected = last_decisions(ledger, DATASET).collect()
    scanned: list[str] = []

    def counted(name: str) -> pl.LazyFrame:
        scanned.append(name)
        return Ledger(lake).scan(name)

    monkeypatch.setattr(ledger, "scan", counted)
    of = decisions_by_dataset(ledger)
    assert of(DATASET).collect().equals(expected)
    assert expected.height == 1
    assert not any(of(f"other.d{number}").collect().height for number in range(20))
    assert sorted(scanned) == ["acts", "row_acts"]
