from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError

from citylake.pipelines.commit import commit_batch, delta_transaction
from citylake.pipelines.commit.commit_batch import commit_staged_batch
from citylake.schemas.words.errors import CitylakeError

COLUMNS = ["observed_at", "station", "pm25_ugm3"]
WRITE = {"mode": "upsert", "key": ["station", "observed_at"], "partition": "day(observed_at)"}


def reading(station: str, value: float) -> dict[str, Any]:
    return {"observed_at": datetime(2026, 3, 1, tzinfo=UTC), "station": station, "pm25_ugm3": value}


def stage(city: Any, receipt: str, value: float, **more: Any) -> Any:
    rows = {receipt: [reading(station, value) for station in "abc"]}
    return city.stage(rows, columns=COLUMNS, day_of="observed_at", quarantined={receipt: 2}, dropped=1, **more)


def state(city: Any) -> list[Any]:
    tables = (city.standard(), city.quarantine().drop("quarantined_at"), city.duplicates())
    return [sorted(table.select(sorted(table.columns)).rows(), key=str) for table in tables]


def test_a_batch_committed_twice_is_there_once(city: Any) -> None:
    city.commit(city.contract(**WRITE), stage(city, "r1", 1.0))
    staged = stage(city, "r2", 2.0)
    first = city.commit(city.contract(**WRITE), staged)
    before = state(city)
    again = city.commit(city.contract(**WRITE), staged)
    assert state(city) == before
    assert again.skipped
    assert (again.version, again.days, again.superseded) == (first.version, first.days, first.superseded)
    assert (first.superseded, first.days) == (3, (date(2026, 3, 1),))


@pytest.mark.parametrize("dies_in", ["commit_quarantine", "_commit_duplicates"])
def test_a_commit_that_died_between_tables_is_completed_by_the_next(
    new_city: Callable[[], Any], monkeypatch: pytest.MonkeyPatch, dies_in: str
) -> None:
    whole, broken = new_city(), new_city()
    for city in (whole, broken):
        city.commit(city.contract(**WRITE), stage(city, "r1", 1.0))
    whole.commit(whole.contract(**WRITE), stage(whole, "r2", 2.0))

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    staged = stage(broken, "r2", 2.0)
    with monkeypatch.context() as patch:
        patch.setattr(commit_batch, dies_in, die)
        with pytest.raises(KeyboardInterrupt):
            broken.commit(broken.contract(**WRITE), staged)
    committed = broken.commit(broken.contract(**WRITE), staged)
    assert state(broken) == state(whole)
    assert (committed.skipped, committed.superseded) == (True, 3)


def test_a_commit_whose_answer_was_lost_is_there_once_and_whole(city: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store took it, and refused it when it was sent again."""
    first = city.stage({"r1": [reading(station, 1.0) for station in "abc"]}, columns=COLUMNS, day_of="observed_at")
    city.commit(city.contract(**WRITE), first)
    real = delta_transaction._write_commit

    def write(*arguments: Any, **options: Any) -> None:
        real(*arguments, **options)
        raise CommitFailedError("a file of this version is there already")

    monkeypatch.setattr(delta_transaction, "_write_commit", write)
    staged = city.stage({"r2": [reading("a", 2.0)]}, columns=COLUMNS, day_of="observed_at")
    committed = city.commit(city.contract(**WRITE), staged)
    assert sorted(city.standard().select("station", "pm25_ugm3").rows()) == [("a", 2.0), ("b", 1.0), ("c", 1.0)]
    assert city.duplicates()["kind"].to_list() == ["superseded"]
    assert committed.superseded == 1


def test_a_batch_with_nothing_good_still_quarantines(city: Any) -> None:
    staged = city.stage({}, columns=COLUMNS, day_of="observed_at", quarantined={"r1": 4})
    committed = city.commit(city.contract(**WRITE), staged)
    assert (committed.version, committed.days) == (-1, ())
    assert city.quarantine().height == 4


def _upsert(city: Any, receipt: str, start: Any) -> None:
    staged = stage(city, receipt, float(receipt[1:]))
    start.wait()
    city.commit(city.contract(**WRITE), staged)


def test_processes_that_upsert_the_same_keys_leave_each_key_once(city: Any) -> None:
    city.commit(city.contract(**WRITE), stage(city, "r1", 1.0))
    context = multiprocessing.get_context("spawn")
    start = context.Event()
    workers = [context.Process(target=_upsert, args=(city, f"r{n}", start)) for n in (2, 3, 4)]
    for worker in workers:
        worker.start()
    start.set()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert sorted(city.standard().select("station", "pm25_ugm3").rows()) == [("a", 4.0), ("b", 4.0), ("c", 4.0)]
    assert city.duplicates().filter(pl.col("kind") == "superseded").height == 9
    assert city.quarantine().height == 8


@pytest.mark.parametrize("meets", [True, False], ids=["stored keys", "new keys"])
def test_a_commit_made_in_between_is_seen(city: Any, monkeypatch: pytest.MonkeyPatch, *, meets: bool) -> None:
    first = {"r1": [reading(station, 1.0) for station in ("abc" if meets else "z")]}
    city.commit(city.contract(**WRITE), city.stage(first, columns=COLUMNS, day_of="observed_at"))
    other, mine = stage(city, "r3", 3.0), stage(city, "r2", 2.0)
    resolve = commit_batch._plan_change
    came: list[bool] = []

    def slow(work: Any, table: DeltaTable) -> Any:
        change = resolve(work, table)
        if not came:
            came.append(True)
            city.commit(city.contract(**WRITE), other)
        return change

    monkeypatch.setattr(commit_batch, "_plan_change", slow)
    committed = city.commit(city.contract(**WRITE), mine)
    assert city.standard().filter(pl.col("station") != "z")["pm25_ugm3"].to_list() == [3.0] * 3
    assert (committed.superseded, committed.days) == (3, ())


def test_a_table_that_never_stands_still_is_told(city: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    city.commit(city.contract(**WRITE), stage(city, "r1", 1.0))
    commit = delta_transaction._write_commit

    def restless(*arguments: Any, **options: Any) -> None:
        DeltaTable(city.lake.standard("test.readings")).alter.set_table_properties({"delta.appendOnly": "false"})
        commit(*arguments, **options)

    monkeypatch.setattr(delta_transaction, "_write_commit", restless)
    monkeypatch.setattr("citylake.pipelines.lake.conflict_retry.COMMIT_ATTEMPTS", 2)
    with pytest.raises(CitylakeError, match="kept writing") as raised:
        city.commit(city.contract(**WRITE), stage(city, "r2", 2.0))
    assert raised.value.code == "COMMIT_CONFLICT"


def test_a_new_column_is_added_and_old_rows_have_none(city: Any) -> None:
    city.commit(city.contract(**WRITE), stage(city, "r1", 1.0))
    rows = {"r2": [{**reading("a", 2.0), "name": "甲"}]}
    city.commit(city.contract(**WRITE), city.stage(rows, columns=[*COLUMNS, "name"], day_of="observed_at"))
    assert sorted(city.standard().select("station", "name").rows()) == [("a", "甲"), ("b", None), ("c", None)]


def test_a_changed_type_is_refused_with_what_to_do(city: Any) -> None:
    city.commit(city.contract(**WRITE), stage(city, "r1", 1.0))
    types = {"observed_at": pl.Datetime("us", "UTC"), "station": pl.String, "pm25_ugm3": pl.String}
    rows = {"r2": [{**reading("a", 2.0), "pm25_ugm3": "2"}]}
    staged = city.stage(rows, columns=COLUMNS, day_of="observed_at", types=types)
    with pytest.raises(CitylakeError, match=r"pm25_ugm3 .* stored as double.*now gives string") as raised:
        commit_staged_batch(city.contract(**WRITE), city.registry, staged, city.lake)
    assert raised.value.code == "TABLE_TYPE_CHANGED"
    assert city.standard().height == 3


def test_another_partition_is_refused_and_leaves_the_table_readable(city: Any) -> None:
    city.commit(city.contract(**WRITE), stage(city, "r1", 1.0))
    before = city.standard()
    monthly = city.contract(**{**WRITE, "partition": "month(observed_at)"})
    with pytest.raises(CitylakeError, match=r"partitioned by _day, .*now gives _month") as raised:
        commit_staged_batch(monthly, city.registry, stage(city, "r2", 2.0), city.lake)
    assert raised.value.code == "TABLE_PARTITION_CHANGED"
    assert city.standard().equals(before)
