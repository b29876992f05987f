"""Replace: each receipt is the whole of its partitions, and the newest owns them, unless it would lose most rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.schemas.words.errors import CitylakeError

COLUMNS = ["observed_at", "station", "pm25_ugm3"]
WRITE = {"mode": "replace", "partition": "day(observed_at)", "replace_min": 0}

delivered = st.dictionaries(
    st.sampled_from(["r1", "r2", "r3", "r11"]),
    st.lists(st.tuples(st.integers(1, 3), st.sampled_from("ab")), min_size=1, max_size=4),
    min_size=2,
    max_size=4,
)


def rows_of(receipt: str, cells: list[tuple[int, str]]) -> list[dict[str, Any]]:
    value = float(receipt[1:])
    return [{"observed_at": datetime(2026, 3, d, tzinfo=UTC), "station": s, "pm25_ugm3": value} for d, s in cells]


def owned(sources: dict[str, list[tuple[int, str]]]) -> list[tuple[int, str, float]]:
    """Every day's rows as its newest source has them."""
    owner: dict[int, str] = {}
    for receipt in sorted(sources):
        owner |= {day: receipt for day, _ in sources[receipt]}
    return sorted((d, s, float(r[1:])) for r, cells in sources.items() for d, s in cells if owner[d] == r)


@settings(max_examples=15, deadline=None)
@given(sources=delivered, data=st.data())
def test_any_grouping_and_order_of_receipts_gives_the_same_table(
    new_city: Callable[[], Any], sources: dict[str, list[tuple[int, str]]], data: st.DataObject
) -> None:
    city, order = new_city(), data.draw(st.permutations(sorted(sources)))
    cut = data.draw(st.integers(0, len(order)))
    staged_rows = 0
    for group in filter(None, (order[:cut], order[cut:])):
        rows = {receipt: rows_of(receipt, sources[receipt]) for receipt in group}
        staged = city.stage(rows, columns=COLUMNS, day_of="observed_at")
        city.commit(city.contract(**WRITE), staged)
        staged_rows += staged.counts.standard
    found = [(at.day, station, value) for at, station, value in city.standard().select(COLUMNS).rows()]
    assert sorted(found) == owned(sources)
    lost = city.duplicates() if staged_rows > len(found) else None
    assert len(found) + (0 if lost is None else lost.height) == staged_rows


def hours(day: int, count: int) -> list[tuple[int, str]]:
    return [(day, chr(97 + number)) for number in range(count)]


def test_a_stray_row_does_not_remove_the_day_it_belongs_to(new_city: Callable[[], Any]) -> None:
    city, write = new_city(), {"mode": "replace", "partition": "day(observed_at)"}
    first = city.stage({"r1": rows_of("r1", hours(1, 24))}, columns=COLUMNS, day_of="observed_at")
    city.commit(city.contract(**write), first)
    stray = {"r2": rows_of("r2", [*hours(2, 24), (1, "x")])}
    staged = city.stage(stray, columns=COLUMNS, day_of="observed_at")
    with pytest.raises(CitylakeError) as caught:
        city.commit(city.contract(**write), staged)
    values = caught.value.problem.values
    assert caught.value.code == "REPLACE_SHRINKS"
    assert (values["partition"], values["rows"], values["rows_before"]) == ("2026-03-01", 1, 24)
    assert city.standard().height == 24
    city.commit(city.contract(**write, replace_min=0), staged)
    assert city.standard().height == 25


def test_a_somewhat_shorter_replacement_is_taken(new_city: Callable[[], Any]) -> None:
    city, write = new_city(), {"mode": "replace", "partition": "day(observed_at)"}
    for receipt, count in (("r1", 24), ("r2", 12)):
        staged = city.stage({receipt: rows_of(receipt, hours(1, count))}, columns=COLUMNS, day_of="observed_at")
        city.commit(city.contract(**write), staged)
    assert city.standard().height == 12


def test_a_single_event_of_a_whole_month_is_replaced_whatever_its_new_hour(new_city: Callable[[], Any]) -> None:
    city, write = new_city(), {"mode": "replace", "partition": "day(observed_at)"}
    for receipt, hour in (("r1", 8), ("r2", 9)):
        times = [datetime(2026, 3, 1, hour, tzinfo=UTC), datetime(2026, 3, 30, tzinfo=UTC)]
        rows = [{"observed_at": at, "station": "a", "pm25_ugm3": 1.0} for at in times]
        city.commit(city.contract(**write), city.stage({receipt: rows}, columns=COLUMNS, day_of="observed_at"))
    assert sorted(city.standard()["observed_at"].dt.hour()) == [0, 9]
