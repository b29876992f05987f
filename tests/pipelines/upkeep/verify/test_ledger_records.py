"""A verification asks the ledger once for many places, and still hears of what was removed meanwhile."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citylake.pipelines.lake.digests.file_digest import FileDigest
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.lake.ledger.ledger_store import LedgerStore
from citylake.pipelines.upkeep.verify import ledger_records
from citylake.pipelines.upkeep.verify.ledger_records import LedgerRecords

PLACES = [f"standard/d{number}" for number in range(9)]


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """A ledger with one file in each place."""
    made = Ledger(Lake(str(tmp_path)))
    for place in PLACES:
        made.add_files("run", place, [(f"{place}/a.parquet", FileDigest(len(place), place), "commit")])
    made.flush()
    return made


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tables that were read whole or in part, in order."""
    read, found = LedgerStore.read, list[str]()

    def noted(self: LedgerStore, table: str, where: Any = None) -> pl.DataFrame:
        found.append(table)
        return read(self, table, where)

    monkeypatch.setattr(LedgerStore, "read", noted)
    return found


def test_places_that_follow_each_other_are_read_together(
    ledger: Ledger, readings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_records, "PLACES_AT_ONCE", 4)
    records = LedgerRecords(ledger, PLACES)
    found = {place: records.digests(place) for place in PLACES}
    assert readings == ["files"] * 3
    assert found == {place: {f"{place}/a.parquet": FileDigest(len(place), place)} for place in PLACES}


def test_a_place_that_was_not_announced_is_answered_too(ledger: Ledger) -> None:
    assert list(LedgerRecords(ledger).digests(PLACES[3])) == [f"{PLACES[3]}/a.parquet"]
    assert LedgerRecords(ledger, PLACES).digests("standard/other") == {}


def test_removals_are_read_once_unless_a_file_is_not_there(ledger: Ledger, readings: list[str]) -> None:
    records = LedgerRecords(ledger)
    assert [records.removed("landing", f"d{number}") for number in range(5)] == [frozenset()] * 5
    assert readings == ["removals"]
    gone = {"r1": {"files": 1, "size_bytes": 1, "retention_days": 1}}
    ledger.add_removals("run", "landing", "d1", gone)
    assert records.removed("landing", "d1") == frozenset()
    assert records.removed("landing", "d1", ["r1"]) == {"r1"}
    assert records.removed("landing", "d1", ["r1"]) == {"r1"}
    assert readings == ["removals"] * 2
