from __future__ import annotations

import multiprocessing
import threading
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError
from polars.testing import assert_frame_equal

from citylake.pipelines.commit import delta_transaction
from citylake.pipelines.commit.table_files import list_active_files, parse_active_files, read_footers
from citylake.pipelines.lake import conflict_retry
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.lake.ledger.table_changes import changed_dataset_days
from citylake.pipelines.upkeep import compaction
from citylake.pipelines.upkeep.lake_tables import parse_table_path
from citylake.schemas.words.errors import CitylakeError
from tests.pipelines.upkeep.conftest import COLUMNS, WRITE, files, put, reading, upkeep

STANDARD = "standard/test.readings"
TOP = 123_456
"""Microseconds that no bound in milliseconds holds."""


def small_files(city: Any, days: int = 2, each: int = 4) -> None:
    for number in range(each):
        rows = [reading(day, f"s{number}", float(number), number) for day in range(1, days + 1)]
        put(city, {f"r{number}": rows}, quarantined={f"r{number}": 2}, dropped=1)


def done(city: Any, place: str, **options: Any) -> list[Any]:
    return list(upkeep(city, **options).table(parse_table_path(place)))


def test_every_day_is_one_file_with_the_same_rows(city: Any) -> None:
    small_files(city)
    before = city.standard().sort(COLUMNS)
    told = done(city, STANDARD)
    assert [(each.work, each.files_before, each.files_after, each.rows) for each in told] == [("compact", 8, 2, 8)]
    assert files(city, STANDARD) == 2
    assert_frame_equal(city.standard().sort(COLUMNS), before, check_column_order=False)


def test_quarantine_and_ledger_are_compacted_too(city: Any) -> None:
    small_files(city)
    before = city.quarantine().rows(), city.duplicates().rows()
    for place in ("quarantine/test.readings", "ledger/duplicates"):
        assert files(city, place) > 1
        done(city, place)
        assert files(city, place) == 1
    after = city.quarantine().rows(), city.duplicates().rows()
    assert [sorted(rows, key=str) for rows in after] == [sorted(rows, key=str) for rows in before]


def test_done_again_nothing_is_found(city: Any) -> None:
    small_files(city)
    done(city, STANDARD)
    version = DeltaTable(city.lake.standard("test.readings")).version()
    assert done(city, STANDARD) == []
    assert DeltaTable(city.lake.standard("test.readings")).version() == version


def test_a_dry_run_says_the_same_and_changes_nothing(city: Any) -> None:
    small_files(city)
    before = sorted(path.relative_to(city.lake.url) for path in Path(city.lake.url).rglob("*"))
    would = done(city, STANDARD, dry_run=True)
    assert sorted(path.relative_to(city.lake.url) for path in Path(city.lake.url).rglob("*")) == before
    told = done(city, STANDARD)
    counts = [[(each.files_before, each.files_after, each.rows) for each in some] for some in (would, told)]
    assert counts[0] == counts[1]


def test_a_mart_sees_no_change(city: Any) -> None:
    small_files(city)
    version = DeltaTable(city.lake.standard("test.readings")).version()
    done(city, STANDARD)
    assert DeltaTable(city.lake.standard("test.readings")).version() == version + 1
    assert changed_dataset_days(city.lake, "test.readings", version) == set()


def test_an_upsert_finds_the_newest_row_of_a_compacted_file(city: Any) -> None:
    put(city, {"r1": [reading(1, "a", 1.0)]})
    put(city, {"r2": [reading(1, "a", 2.0, TOP)]})
    done(city, STANDARD)
    put(city, {"r3": [reading(1, "a", 3.0, TOP)]})
    assert sorted(city.standard()["pm25_ugm3"]) == [1.0, 3.0]


def test_deltas_own_compaction_would_hide_it(city: Any) -> None:
    """Why there is one here. Once this fails, Delta's own may take its place."""
    put(city, {"r1": [reading(1, "a", 1.0)]})
    put(city, {"r2": [reading(1, "a", 2.0, TOP)]})
    DeltaTable(city.lake.standard("test.readings")).optimize.compact()
    put(city, {"r3": [reading(1, "a", 3.0, TOP)]})
    assert sorted(city.standard()["pm25_ugm3"]) == [1.0, 2.0, 3.0]


def test_bounds_are_exact(city: Any) -> None:
    put(city, {"r1": [reading(1, "a", 1.0)]})
    put(city, {"r2": [reading(1, "b", 2.0, TOP)]})
    done(city, STANDARD)
    found = list_active_files(DeltaTable(city.lake.standard("test.readings")))
    assert found["max.observed_at"].to_list() == [datetime(2026, 3, 1, 0, 0, 0, TOP, tzinfo=UTC)]
    assert (found["min.station"].item(), found["max.station"].item()) == ("a", "b")


def test_rows_of_a_day_are_sorted_by_key(city: Any) -> None:
    for number in (3, 1, 2):
        put(city, {f"r{number}": [reading(1, f"s{number}", 1.0)]})
    done(city, STANDARD)
    assert city.standard()["station"].to_list() == ["s1", "s2", "s3"]


def test_more_rows_than_are_sorted_keep_their_order(city: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "SORTED_ROWS", 2)
    for number in (3, 1, 2):
        put(city, {f"r{number}": [reading(1, f"s{number}", 1.0)]})
    before = [
        file.path for file in parse_active_files(list_active_files(DeltaTable(city.lake.standard("test.readings"))))
    ]
    root = city.lake.standard("test.readings")
    order = [pl.read_parquet(f"{root}/{path}", hive_partitioning=False)["station"].item() for path in before]
    done(city, STANDARD)
    assert city.standard()["station"].to_list() == order


def test_columns_that_came_later_are_empty_before(city: Any) -> None:
    put(city, {"r1": [reading(1, "a", 1.0)]})
    rows = {"r2": [{**reading(1, "b", 2.0), "name": "B"}]}
    city.commit(city.contract(**WRITE), city.stage(rows, columns=[*COLUMNS, "name"], day_of="observed_at"))
    done(city, STANDARD)
    assert files(city, STANDARD) == 1
    assert city.standard().sort("station")["name"].to_list() == [None, "B"]


def test_a_commit_made_in_between_goes_first(city: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It rewrites a day's files: what was made of them is dropped, the other day's stays."""
    small_files(city)
    real = compaction._Rewrite._plan
    came: list[bool] = []

    def slow(self: Any, table: DeltaTable) -> Any:
        change = real(self, table)
        if not came:
            came.append(True)
            put(city, {"r9": [reading(1, "s0", 9.0)]})
        return change

    monkeypatch.setattr(compaction._Rewrite, "_plan", slow)
    told = done(city, STANDARD)
    assert came == [True]
    assert (told[0].files_before, told[0].files_after) == (8, 5)
    values = city.standard().filter(pl.col("station") == "s0").sort("observed_at")["pm25_ugm3"].to_list()
    assert values == [9.0, 0.0]
    assert city.standard().height == 8
    named = {Path(path) for path in DeltaTable(city.lake.standard("test.readings")).file_uris()}
    made = set(Path(city.lake.standard("test.readings")).rglob("compacted-*.parquet"))
    assert made <= named
    assert len(made) == 1


def test_a_table_that_never_stands_still_is_left_as_it_is(city: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    small_files(city)
    real, number = compaction._Rewrite._plan, iter(range(100))

    def slow(self: Any, table: DeltaTable) -> Any:
        change = real(self, table)
        put(city, {f"x{next(number)}": [reading(5, "z", 1.0)]})
        return change

    monkeypatch.setattr(compaction._Rewrite, "_plan", slow)
    monkeypatch.setattr(conflict_retry, "COMMIT_ATTEMPTS", 3)
    told = done(city, STANDARD)
    assert [each.problem.code for each in told if each.problem] == ["COMMIT_CONFLICT"]
    assert city.standard().filter(pl.col("station") != "z").height == 8
    assert list(Path(city.lake.standard("test.readings")).rglob("compacted-*.parquet")) == []


def test_a_commit_whose_answer_was_lost_is_not_undone(city: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store took it, and refused it when it was sent again."""
    small_files(city)
    before = city.standard().sort(COLUMNS)
    real = delta_transaction._write_commit

    def write(*arguments: Any, **options: Any) -> None:
        real(*arguments, **options)
        raise CommitFailedError("a file of this version is there already")

    monkeypatch.setattr(delta_transaction, "_write_commit", write)
    told = done(city, STANDARD)
    assert [(each.files_before, each.files_after, each.problem) for each in told] == [(8, 2, None)]
    assert_frame_equal(city.standard().sort(COLUMNS), before, check_column_order=False)


@pytest.mark.parametrize("dies_at", ["the second file", "before the commit", "after the commit"])
def test_a_crash_leaves_a_lake_that_the_next_upkeep_completes(
    city: Any, monkeypatch: pytest.MonkeyPatch, dies_at: str
) -> None:
    small_files(city)
    before = city.standard().sort(COLUMNS)
    real_write, calls = delta_transaction._write_commit, iter(range(100))

    def footers(*arguments: Any) -> Any:
        if dies_at == "the second file" and next(calls) == 1:
            raise KeyboardInterrupt
        return read_footers(*arguments)

    def write(*arguments: Any, **options: Any) -> None:
        if dies_at == "after the commit":
            real_write(*arguments, **options)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(compaction, "read_footers", footers)
        if dies_at != "the second file":
            patch.setattr(delta_transaction, "_write_commit", write)
        with pytest.raises(KeyboardInterrupt):
            done(city, STANDARD)
    assert_frame_equal(city.standard().sort(COLUMNS), before, check_column_order=False)
    done(city, STANDARD)
    assert files(city, STANDARD) == 2
    assert_frame_equal(city.standard().sort(COLUMNS), before, check_column_order=False)


def test_a_file_with_other_rows_than_it_was_made_of_never_comes_into_the_table(
    city: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_files(city)
    real = compaction._Rewrite._ordered
    monkeypatch.setattr(compaction._Rewrite, "_ordered", lambda self, some: real(self, some).head(1))
    told = done(city, STANDARD)
    assert [each.problem.code for each in told if each.problem] == ["ROWS_NOT_KEPT"]
    assert city.standard().height == 8
    assert list(Path(city.lake.standard("test.readings")).rglob("compacted-*.parquet")) == []


def test_the_ledger_is_written_while_it_is_compacted(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    start = threading.Barrier(2)

    def write() -> None:
        ledger = Ledger(lake)
        for number in range(25):
            ledger.set_state("a.b", f"n{number}", {"n": number})
            ledger.flush()
            if number == 3:
                start.wait()

    writer = threading.Thread(target=write)
    writer.start()
    start.wait()
    while writer.is_alive():
        try:
            compaction.compact_table(lake, parse_table_path("ledger/states"), ("recorded_at",))
        except CitylakeError as error:
            assert error.code == "COMMIT_CONFLICT"  # noqa: PT017
    writer.join()
    assert sorted(Ledger(lake).states("a.b")) == sorted(f"n{number}" for number in range(25))
    assert Ledger(lake).read("states").height == 25


def _upserts(city: Any, first: int) -> None:
    for number in range(first, first + 6):
        put(city, {f"r{number:02d}": [reading(1, station, float(number), TOP) for station in "abc"]}, dropped=1)


def test_processes_that_upsert_while_a_table_is_compacted_leave_each_key_once(city: Any) -> None:
    put(city, {"r00": [reading(1, "a", 0.0)]}, dropped=1)
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_upserts, args=(city, first)) for first in (10, 20)]
    for worker in workers:
        worker.start()
    while any(worker.is_alive() for worker in workers):
        for table in (STANDARD, "ledger/duplicates"):
            assert {each.problem.code for each in done(city, table) if each.problem} <= {"COMMIT_CONFLICT"}
    assert [worker.exitcode for worker in workers] == [0, 0]
    newest = sorted(city.standard().filter(pl.col("pm25_ugm3") > 0).select("station", "pm25_ugm3").rows())
    assert newest == [("a", 25.0), ("b", 25.0), ("c", 25.0)]
    lost = city.duplicates().filter(pl.col("kind") == "superseded")
    assert lost.select("_receipt", "_row").is_duplicated().sum() == 0
    assert lost.height == 11 * 3


def test_the_ledger_keeps_the_order_of_its_writing(tmp_path: Path) -> None:
    ledger = Ledger(Lake(str(tmp_path)))
    for number in range(6):
        ledger.set_state("a.b", "n", {"n": number})
        ledger.flush()
    compaction.compact_table(ledger.lake, parse_table_path("ledger/states"), ("recorded_at",))
    assert Ledger(ledger.lake).states("a.b") == {"n": {"n": 5}}


def test_large_files_stay_as_they_are_and_at_most_one_small_one_is_left(
    city: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_files(city, days=1, each=7)
    sizes = sorted(
        file.size_bytes
        for file in parse_active_files(list_active_files(DeltaTable(city.lake.standard("test.readings"))))
    )
    monkeypatch.setattr(compaction, "TARGET_BYTES", 2 * sizes[-1])
    monkeypatch.setattr(compaction, "SMALL_BYTES", sizes[-1] + 1)
    done(city, STANDARD)
    small = [
        f for f in parse_active_files(list_active_files(DeltaTable(city.lake.standard("test.readings")))) if f.rows == 1
    ]
    assert len(small) == 1
    monkeypatch.setattr(compaction, "SMALL_BYTES", 1)
    assert done(city, STANDARD) == []


def test_a_partition_without_a_value_is_compacted_in_its_place(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path))
    frame = pl.DataFrame({"a": [1], "_day": [None]}, {"a": pl.Int64, "_day": pl.Date})
    root = lake.standard("a.b")
    lake.makedirs(root)
    for _ in range(2):
        write_deltalake(root, frame, mode="append", partition_by=["_day"])
        write_deltalake(root, frame.with_columns(_day=date(2026, 3, 1)), mode="append")
    compaction.compact_table(lake, parse_table_path("standard/a.b"))
    assert pl.read_delta(root).sort("_day")["_day"].to_list() == [None, None, date(2026, 3, 1), date(2026, 3, 1)]
    assert len(DeltaTable(root).file_uris()) == 2
