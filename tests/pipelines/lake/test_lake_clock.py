"""The lake's clock only rises: whichever process asks, whatever its own clock says, and after entries are lost."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.pipelines.lake import lake_clock
from citylake.pipelines.lake.lake_clock import CLOCK_FOLDER, LakeClock
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.lake.receipt_number import receipt_id, receipt_number
from citylake.pipelines.pull.receipt_ids import ReceiptIds
from citylake.pipelines.records import BatchResult
from tests.wrong_clock import clock_off_by

YEAR_US = 365 * 86_400_000_000


@given(st.lists(st.tuples(st.integers(-YEAR_US, YEAR_US), st.integers(1, 3), st.booleans()), min_size=1, max_size=20))
@settings(deadline=None, max_examples=30)
def test_numbers_rise_whatever_the_clocks_say(asked: list[tuple[int, int, bool]]) -> None:
    now, last = lake_clock.wall_clock_us(), 0
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        clock = LakeClock(Lake(folder))
        for moved, count, other in asked:
            patch.setattr(lake_clock, "wall_clock_us", lambda moved=moved: now + moved)
            first = (LakeClock(Lake(folder)) if other else clock).reserve(count)
            assert first > last
            assert first >= now + moved
            last = first + count - 1


def test_processes_that_reserve_at_once_share_no_number(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    with ThreadPoolExecutor(8) as pool:
        firsts = list(pool.map(lambda _: LakeClock(lake).reserve(10), range(200)))
    assert len({number for first in firsts for number in range(first, first + 10)}) == 2000
    assert len(list((tmp_path / CLOCK_FOLDER).iterdir())) < 150
    before = max(firsts)
    assert LakeClock(lake).reserve() > before


def test_a_clock_whose_entries_are_lost_begins_after_the_ledger(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    with clock_off_by(timedelta(days=30)):
        _record(lake, "one")
    _remove_entries(tmp_path)
    with clock_off_by(timedelta(days=-30)):
        _record(lake, "two")
        _record(lake, "three")
    assert Ledger(lake).read("batches")["run"].to_list() == ["one", "two", "three"]


def test_a_clock_that_is_behind_the_ledger_is_no_guide(tmp_path: Path) -> None:
    """A power cut takes the last entries of the clock, which are not synced, and the machine's clock with them."""
    lake = Lake(str(tmp_path))
    LakeClock(lake).reserve()
    kept = next((tmp_path / CLOCK_FOLDER).iterdir()).name
    with clock_off_by(timedelta(days=1)):
        _record(lake, "one")
    _remove_entries(tmp_path)
    (tmp_path / CLOCK_FOLDER / kept).touch()
    with clock_off_by(timedelta(days=-400)):
        _record(lake, "two")
    assert Ledger(lake).read("batches")["run"].to_list() == ["one", "two"]


@given(st.lists(st.integers(0, 200 * YEAR_US), min_size=2, max_size=9))
@settings(deadline=None, max_examples=30)
def test_ids_sort_as_their_numbers_do(numbers: list[int]) -> None:
    ids = [receipt_id(number) for number in numbers]
    assert [receipt_number(each) for each in ids] == numbers
    assert sorted(ids, key=receipt_number) == sorted(ids, key=lambda each: each.partition("-")[0])


def test_ids_of_a_pull_come_after_those_of_older_versions(tmp_path: Path) -> None:
    older = "20991231T235959123456Z-abcdef01"
    ids = ReceiptIds(LakeClock(Lake(str(tmp_path))), older)
    made = [ids.next() for _ in range(5000)]
    assert [older, *made] == sorted({older, *made})
    assert ReceiptIds(LakeClock(Lake(str(tmp_path)))).next() > made[-1]


def test_a_reservation_costs_the_same_however_many_came_before(tmp_path: Path) -> None:
    clock = LakeClock(Lake(str(tmp_path)))
    calls = [_calls(clock) for _ in range(400)]
    # The median: now and then one tidies up after the others.
    assert median(calls[-100:]) < 2 * median(calls[:100]) < 1000


def _calls(clock: LakeClock) -> int:
    seen: list[str] = []
    sys.setprofile(lambda _frame, event, _argument: seen.append(event))
    clock.reserve()
    sys.setprofile(None)
    return len(seen)


def _record(lake: Lake, run: str) -> None:
    ledger = Ledger(lake)
    ledger.add_batches([BatchResult("air.readings", "unchanged")], run=run)
    ledger.flush()


def _remove_entries(root: Path) -> None:
    for entry in _entries(root):
        entry.unlink()


def _entries(root: Path) -> Iterator[Path]:
    return (root / CLOCK_FOLDER).iterdir()
