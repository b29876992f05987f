"""However long there are daily commits, with an upkeep now and then a table is as small as the documentation says."""

from __future__ import annotations

import os
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import DeltaTable

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.lake.ledger.ledger_compaction import MOST_FILES
from citylake.pipelines.upkeep.lake_tables import parse_table_path
from citylake.pipelines.upkeep.log_checkpoint import COMMITS_PER_CHECKPOINT
from tests.pipelines.commit.conftest import City
from tests.pipelines.upkeep.conftest import put, upkeep

DAYS, EVERY = 170, 5
"""Days of commits, of which a log keeps thirty; and days between two upkeeps: a daily one keeps less."""
LOG_DAYS = 30
FIRST = datetime(2025, 3, 1, tzinfo=UTC)
STANDARD = parse_table_path("standard/test.readings")
_SEEN: dict[str, int] = {}
"""Files of logs, each with the day on which it was first seen."""


def _reading(day: int, value: float) -> dict[str, Any]:
    return {"observed_at": FIRST + timedelta(days=day), "station": "a", "pm25_ugm3": value}


def _date_log(root: str, today: int) -> None:
    """Give the log the age that it would have. New names are of the days since the last time, older ones are older."""
    for path in Path(root, "_delta_log").glob("0*"):
        first = _SEEN.setdefault(str(path), today)
        at = time.time() - (today - first) * 86_400
        os.utime(path, (at, at))


def _entries(root: str) -> int:
    return len(list(Path(root, "_delta_log").glob("*.json")))


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A city with daily batches, each with a correction of the day before, and the most seen after an upkeep."""
    city = City(Lake(str(tmp_path_factory.mktemp("year"))))
    root, states, most = city.lake.standard("test.readings"), city.lake.ledger("states"), Counter[str]()
    ledger = Ledger(city.lake)
    for day in range(DAYS):
        rows = [_reading(day, 1.0), *([_reading(day - 1, 2.0)] if day else [])]
        put(city, {f"r{day:03d}": rows})
        ledger.set_state("test.readings", "a.csv", {"day": day})
        ledger.flush()
        if day % EVERY == EVERY - 1:
            _date_log(root, day)
            _date_log(states, day)
            assert [done.problem for done in upkeep(city).table(STANDARD) if done.problem] == []
            folders = Counter(path.rpartition("/")[0] for path in DeltaTable(root).file_uris())
            now = {"files": max(folders.values()), "log": _entries(root)}
            now |= {"ledger files": len(DeltaTable(states).file_uris()), "ledger log": _entries(states)}
            most |= Counter(now)
    return city, most


def test_a_partition_has_one_file_after_an_upkeep(year: Any) -> None:
    assert year[1]["files"] == 1


def test_the_log_has_the_entries_of_a_month_and_of_two_checkpoints(year: Any) -> None:
    # A compaction is a commit, too. Entries are deleted up to the last checkpoint that is a month old, and a checkpoint
    # comes with the first upkeep after so many commits.
    assert year[1]["log"] <= (LOG_DAYS + 2 * EVERY) * (1 + 1 / EVERY) + 2 * COMMITS_PER_CHECKPOINT


def test_a_ledger_table_has_no_more_small_files_than_stated(year: Any) -> None:
    assert year[1]["ledger files"] <= MOST_FILES + 1


def test_the_log_of_a_ledger_table_ends_too_without_an_upkeep_of_its_own(year: Any) -> None:
    assert year[1]["ledger log"] <= LOG_DAYS + 2 * MOST_FILES


def test_no_row_is_lost_on_the_way(year: Any) -> None:
    rows = pl.read_delta(year[0].lake.standard("test.readings")).sort("observed_at")
    assert rows.height == DAYS
    assert rows["pm25_ugm3"].to_list() == [*[2.0] * (DAYS - 1), 1.0]
