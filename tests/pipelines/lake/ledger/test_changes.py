from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from deltalake import CommitProperties, DeltaTable, write_deltalake

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(Lake(str(tmp_path)))


def put(ledger: Ledger, *days: str, everything: bool = False) -> None:
    note = json.dumps({"batch": "b", "days": days, "everything": everything})
    root = ledger.lake.standard("air.hourly")
    ledger.lake.makedirs(root)
    properties = CommitProperties(custom_metadata={"citylake": note})
    write_deltalake(root, pl.DataFrame({"a": [1, 2]}), mode="append", commit_properties=properties)


def test_the_days_of_all_commits_since_a_version_are_united(ledger: Ledger) -> None:
    put(ledger, "2026-03-01")
    put(ledger, "2026-03-02")
    put(ledger, "2026-03-02", "2026-03-05")
    assert ledger.changed_days("air.hourly", 0) == {date(2026, 3, 2), date(2026, 3, 5)}
    assert ledger.changed_days("air.hourly", 2) == set()


def test_a_table_seen_for_the_first_time_changed_in_all_its_days(ledger: Ledger) -> None:
    assert ledger.changed_days("air.hourly", None) == set()
    put(ledger, "2026-03-01")
    assert ledger.changed_days("air.hourly", None) is None
    assert ledger.changed_days("air.hourly", -1) == {date(2026, 3, 1)}


def test_what_cannot_be_placed_on_days_changes_everything(ledger: Ledger) -> None:
    put(ledger, "2026-03-01")
    put(ledger, everything=True)
    put(ledger, "2026-03-02")
    assert ledger.changed_days("air.hourly", 0) is None
    assert ledger.changed_days("air.hourly", 1) == {date(2026, 3, 2)}


def test_a_foreign_write_changes_everything_but_housekeeping_nothing(ledger: Ledger) -> None:
    put(ledger, "2026-03-01")
    put(ledger, "2026-03-02")
    table = DeltaTable(ledger.lake.standard("air.hourly"))
    table.optimize.compact()
    assert ledger.changed_days("air.hourly", 1) == set()
    table.delete("a = 1")
    assert ledger.changed_days("air.hourly", 1) is None


def test_a_table_made_anew_changed_in_everything(ledger: Ledger) -> None:
    put(ledger, "2026-03-01")
    assert ledger.changed_days("air.hourly", 7) is None
