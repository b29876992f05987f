from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from deltalake import DeltaTable
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.pipelines.commit.commit_batch import counts_after_commit
from citylake.pipelines.lake.ledger.table_changes import changed_dataset_days
from tests.thorough import examples

COLUMNS = ["observed_at", "station", "pm25_ugm3"]
WRITE = {"mode": "upsert", "key": ["station", "observed_at"], "partition": "day(observed_at)"}


def reading(day: int, station: str, value: float | None, hour: int = 0) -> dict[str, Any]:
    return {"observed_at": datetime(2026, 3, day, hour, tzinfo=UTC), "station": station, "pm25_ugm3": value}


def put(city: Any, rows: Any, write: Any = WRITE, columns: Any = COLUMNS, **more: Any) -> Any:
    staged = city.stage(rows, columns=columns, day_of="observed_at", **more)
    return staged, city.commit(city.contract(**write), staged)


def values(city: Any) -> list[tuple[Any, ...]]:
    return sorted(city.standard().select(COLUMNS).rows(), key=str)


def test_new_keys_are_added_without_writing_a_file_twice(city: Any) -> None:
    first, _ = put(city, {"r1": [reading(1, "a", 1.0), reading(2, "a", 2.0)]})
    second, committed = put(city, {"r2": [reading(1, "b", 3.0)]})
    table = DeltaTable(city.lake.standard("test.readings"))
    assert sorted(table.file_uris()) == sorted([*first.standard, *second.standard])
    assert [str(day) for day in committed.days] == ["2026-03-01"]
    assert len(values(city)) == 3


def test_the_log_has_bounds_that_readers_can_prune_by(city: Any) -> None:
    put(city, {"r1": [reading(1, "a", 1.5, 3), reading(1, "b", None, 7)]})
    stats = pl.DataFrame(DeltaTable(city.lake.standard("test.readings")).get_add_actions(flatten=True)).to_dicts()[0]
    assert stats["num_records"] == 2
    assert (stats["min.station"], stats["max.station"]) == ("a", "b")
    assert stats["max.observed_at"] == datetime(2026, 3, 1, 7, tzinfo=UTC)
    assert stats["null_count.pm25_ugm3"] == 1
    assert str(stats["partition._day"]) == "2026-03-01"


def test_a_newer_source_wins_and_the_loser_is_named(city: Any) -> None:
    put(city, {"r1": [reading(1, "a", 1.0), reading(1, "b", 1.0)]})
    _, committed = put(city, {"r2": [reading(1, "a", 9.0)]})
    assert committed.superseded == 1
    assert [row[2] for row in values(city)] == [9.0, 1.0]
    lost = city.duplicates().to_dicts()
    assert [
        (row["_receipt"], row["_row"], row["survivor_receipt"], row["survivor_row"], row["kind"]) for row in lost
    ] == [("r1", 1, "r2", 1, "superseded")]
    assert lost[0]["dataset"] == "test.readings"


def test_a_correction_wins_by_its_arrival_whatever_its_name(city: Any) -> None:
    put(city, {"r1": [reading(1, "a", 999.0)]}, sources={"r1": "2024-03.csv"})
    put(city, {"r2": [reading(1, "a", 9.9)]}, sources={"r2": "2024-03 (corrected).csv"})
    assert values(city)[0][2] == 9.9


def test_a_receipt_that_is_committed_after_newer_ones_does_not_win(city: Any) -> None:
    put(city, {"r2": [reading(1, "a", 9.0)]})
    _, committed = put(city, {"r1": [reading(1, "a", 1.0)]})
    assert values(city)[0][2] == 9.0
    assert (committed.superseded, committed.days) == (1, ())


def test_bytes_that_are_read_again_are_no_newer_for_it(city: Any) -> None:
    put(city, {"r1": [reading(1, "a", 999.0)], "r2": [reading(1, "a", 9.9)]})
    again = {"r3": [reading(1, "a", 9.9)], "r4": [reading(1, "a", 999.0)]}
    put(city, again, fingerprint="2", arrivals={"r3": "r2", "r4": "r1"})
    assert [row[2] for row in values(city)] == [9.9]


MOVING = {"mode": "upsert", "key": ["station"], "partition": "day(observed_at)"}


def test_a_key_that_moves_to_another_partition_leaves_the_old_one_in_the_same_commit(city: Any) -> None:
    put(city, {"r1": [reading(1, "a", 1.0), reading(1, "b", 1.0)]}, MOVING)
    _, committed = put(city, {"r2": [reading(2, "a", 2.0)]}, MOVING)
    assert [(row[0].day, row[1], row[2]) for row in values(city)] == [(1, "b", 1.0), (2, "a", 2.0)]
    assert [day.day for day in committed.days] == [1, 2]
    assert committed.superseded == 1


def test_a_key_that_stands_twice_from_an_earlier_version_is_one_row_after_the_next_batch(city: Any) -> None:
    put(city, {"r1": [reading(1, "a", 1.0)]}, {**MOVING, "mode": "append", "key": []})
    put(city, {"r2": [reading(2, "a", 2.0)]}, {**MOVING, "mode": "append", "key": []})
    _, committed = put(city, {"r3": [reading(2, "a", 3.0)]}, MOVING)
    assert [row[2] for row in values(city)] == [3.0]
    assert [day.day for day in committed.days] == [1, 2]


@settings(max_examples=examples(8, 15), deadline=None)
@given(
    days=st.lists(st.dictionaries(st.sampled_from("abcd"), st.integers(1, 3), min_size=1), min_size=1, max_size=4),
    data=st.data(),
)
def test_a_key_is_unique_in_the_whole_table_in_any_order_of_commits(
    new_city: Callable[[], Any], days: list[dict[str, int]], data: st.DataObject
) -> None:
    city = new_city()
    changed: set[int] = set()
    for number in data.draw(st.permutations(range(len(days)))):
        rows = [reading(day, station, float(number)) for station, day in days[number].items()]
        before = {(row[0].day, *row[1:]) for row in values(city)} if changed else set()
        _, committed = put(city, {f"r{number}": rows}, MOVING)
        after = {(row[0].day, *row[1:]) for row in values(city)}
        named = {day.day for day in committed.days}
        assert {row[0] for row in before ^ after} == named
        changed |= named
    expected = {station: (day, float(number)) for number, each in enumerate(days) for station, day in each.items()}
    assert {row[1]: (row[0].day, row[2]) for row in values(city)} == expected
    assert len(values(city)) == len(expected)


def test_latest_by_decides_before_the_sources_name(city: Any) -> None:
    columns = [*COLUMNS, "revised_on"]
    write = {**WRITE, "latest_by": "revised_on"}
    put(city, {"r1": [{**reading(1, "a", 5.0), "revised_on": datetime(2026, 4, 2).date()}]}, write, columns)
    put(city, {"r2": [{**reading(1, "a", 6.0), "revised_on": datetime(2026, 4, 1).date()}]}, write, columns)
    put(city, {"r3": [{**reading(1, "a", 7.0), "revised_on": None}]}, write, columns)
    assert values(city)[0][2] == 5.0


def test_of_all_changes_in_one_delivery_the_newest_stays_and_the_others_are_named(city: Any) -> None:
    write = {**WRITE, "changes": True}
    changes = [reading(1, "a", 1.0), reading(1, "b", 5.0), reading(1, "a", 2.0), reading(1, "a", 2.0)]
    _, committed = put(city, {"r1": changes}, write)
    assert values(city) == [(datetime(2026, 3, 1, tzinfo=UTC), "a", 2.0), (datetime(2026, 3, 1, tzinfo=UTC), "b", 5.0)]
    assert (committed.superseded, committed.duplicates_stored) == (1, 1)
    assert [(row["_row"], row["survivor_row"]) for row in city.duplicates().sort("_row").to_dicts()] == [(1, 4), (3, 4)]


def test_a_row_delivered_again_is_a_duplicate_and_changes_no_day(city: Any) -> None:
    put(city, {"r1": [reading(1, "a", 1.0), reading(1, "b", 2.0)]})
    staged, committed = put(city, {"r2": [reading(1, "a", 1.0), reading(2, "c", 3.0)]})
    assert committed.duplicates_stored == 1
    assert [day.day for day in committed.days] == [2]
    assert len(values(city)) == 3
    counts = counts_after_commit(staged.counts, committed)
    assert counts.conserved
    assert (counts.standard, counts.duplicates) == (1, 1)


def test_the_same_key_in_two_receipts_of_one_batch_is_one_row(city: Any) -> None:
    _, committed = put(city, {"r1": [reading(1, "a", 1.0)], "r2": [reading(1, "a", 2.0)]})
    assert values(city)[0][2] == 2.0
    assert committed.superseded == 1


def test_values_return_to_an_earlier_one_in_any_order(new_city: Callable[[], Any]) -> None:
    there_and_back = {"r1": 1.0, "r2": 2.0, "r3": 1.0}
    for order in (["r1", "r2", "r3"], ["r1", "r3", "r2"], ["r3", "r1", "r2"]):
        city = new_city()
        for receipt in order:
            put(city, {receipt: [reading(1, "a", there_and_back[receipt])]})
        assert values(city)[0][2] == 1.0, order


def test_a_receipt_read_again_replaces_what_it_gave_before(city: Any) -> None:
    put(city, {"r1": [reading(1, "a", 1.0), reading(2, "b", 1.0)], "r2": [reading(1, "c", 5.0)]}, quarantined={"r1": 2})
    _, committed = put(city, {"r1": [reading(1, "a", 0.001)]}, quarantined={"r1": 3}, fingerprint="2")
    assert [(row[1], row[2]) for row in values(city)] == [("a", 0.001), ("c", 5.0)]
    assert city.quarantine().height == 3
    assert [day.day for day in committed.days] == [1, 2]


def test_a_day_that_is_read_again_rewrites_that_day_only(city: Any) -> None:
    put(city, {"r1": [reading(1, "a", 1.0), reading(1, "b", 1.0)]})
    put(city, {"r2": [reading(2, "a", 1.0), reading(2, "b", 1.0)]})
    before = {path for path in active_files(city) if "_day=2026-03-01" not in path}
    put(city, {"r1": [reading(1, "a", 2.0), reading(1, "b", 1.0)]}, fingerprint="2")
    after = active_files(city)
    assert {path for path in after if "_day=2026-03-01" not in path} == before
    assert [(row[0].day, row[1], row[2]) for row in values(city)] == [
        (1, "a", 2.0), (1, "b", 1.0), (2, "a", 1.0), (2, "b", 1.0),
    ]  # fmt: skip


def active_files(city: Any) -> set[str]:
    return set(DeltaTable(city.lake.standard("test.readings")).file_uris())


def test_a_key_too_long_for_the_log_is_still_found(city: Any) -> None:
    name = "站" * 70
    put(city, {"r1": [reading(1, name, 1.0)]})
    put(city, {"r2": [reading(1, name, 2.0)]})
    assert [row[2] for row in values(city)] == [2.0]


def test_unpartitioned_tables_upsert_too(city: Any) -> None:
    write = {"mode": "upsert", "key": ["station"]}
    for receipt, value in (("r1", 1.0), ("r2", 2.0), ("r3", 2.0)):
        staged = city.stage({receipt: [reading(1, "a", value)]}, columns=COLUMNS)
        city.commit(city.contract(**write), staged)
    assert [row[2] for row in values(city)] == [2.0]
    changed = [changed_dataset_days(city.lake, "test.readings", version) for version in (0, 1, 2)]
    # Without days a change may be anywhere; the third batch brought nothing new.
    assert changed == [None, None, set()]


def test_the_log_says_which_days_changed(city: Any) -> None:
    put(city, {"r1": [reading(1, "a", 1.0), reading(2, "a", 1.0)]})
    put(city, {"r2": [reading(1, "a", 1.0), reading(2, "a", 2.0)]})
    put(city, {"r3": [reading(3, "a", 1.0)]}, {"mode": "append", "partition": "day(observed_at)"})
    days = [changed_dataset_days(city.lake, "test.readings", version) for version in (0, 1, 2)]
    assert [sorted(day.day for day in found or ()) for found in days] == [[1, 2, 3], [2, 3], [3]]


rows_strategy = st.dictionaries(
    st.sampled_from(["r1", "r2", "r3", "r4", "r11"]),
    st.dictionaries(
        st.tuples(st.integers(1, 2), st.sampled_from("abc")), st.sampled_from([1.0, 2.0, None]), min_size=1, max_size=5
    ),
    min_size=2,
    max_size=5,
)


@settings(max_examples=examples(8, 15), deadline=None)
@given(delivered=rows_strategy, data=st.data())
def test_any_grouping_and_order_of_receipts_gives_the_same_table(
    new_city: Callable[[], Any], delivered: Any, data: st.DataObject
) -> None:
    expected = {key: value for receipt in sorted(delivered) for key, value in delivered[receipt].items()}
    order = data.draw(st.permutations(sorted(delivered)))
    cuts = data.draw(st.lists(st.booleans(), min_size=len(order), max_size=len(order)))
    city = new_city()
    groups: list[list[str]] = [[]]
    for receipt, cut in zip(order, cuts, strict=True):
        groups[-1].append(receipt)
        if cut:
            groups.append([])
    staged_rows = net = lost = 0
    for group in filter(None, groups):
        rows = {receipt: [reading(d, s, v) for (d, s), v in delivered[receipt].items()] for receipt in group}
        staged, committed = put(city, rows)
        staged_rows += staged.counts.standard
        net += counts_after_commit(staged.counts, committed).standard - committed.superseded
        lost += committed.duplicates_stored + committed.superseded
    found = {(row[0].day, row[1]): row[2] for row in values(city)}
    assert found == expected
    assert net == city.standard().height == len(expected)
    ledger = city.duplicates().height if lost else 0
    assert city.standard().height + ledger == staged_rows
    if lost:
        named = pl.concat([city.standard().select("_receipt", "_row"), city.duplicates().select("_receipt", "_row")])
        assert named.is_duplicated().sum() == 0


@pytest.mark.parametrize("mode", ["append", "replace"])
def test_whole_files_come_and_go(city: Any, mode: str) -> None:
    write = {"mode": mode, "partition": "day(observed_at)"}
    put(city, {"r1": [reading(1, "a", 1.0), reading(2, "a", 1.0)]}, write)
    put(city, {"r2": [reading(1, "a", 1.0), reading(1, "b", 1.0)]}, write)
    replaced = mode == "replace"
    assert city.standard().height == (3 if replaced else 4)
    if replaced:
        assert city.duplicates().select("_receipt", "_row", "kind").rows() == [("r1", 1, "superseded")]
