"""Another run that builds or publishes the same mart in between: nothing fails, and the newest tables are published."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from deltalake.exceptions import DeltaError

from citylake.pipelines.context import RunContext, new_run
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.marts import mart_pipeline
from citylake.pipelines.marts.make import curated_table
from citylake.pipelines.marts.make.mart_builder import MartBuild, build_mart
from citylake.pipelines.marts.publish import mart_pointer, publish_version
from citylake.pipelines.marts.publish.publish_version import publish_mart
from citylake.pipelines.read.mart_reader import query_mart
from tests.interleave import once_before

D1 = date(2026, 2, 27)
D2 = D1 + timedelta(1)


def build(city: Any) -> MartBuild:
    return build_mart(city.registry.marts["air"], city.registry, city.lake)


def published_days(city: Any) -> list[Any]:
    return query_mart(city.lake, "air", "SELECT DISTINCT day FROM station_day ORDER BY 1")[1]


@pytest.mark.parametrize("there", [True, False])
def test_days_that_another_run_builds_meanwhile_are_planned_again(
    small_city: Any, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    small_city.readings(D1, {"a": 1.0})
    if there:
        build(small_city)
    small_city.readings(D2, {"a": 2.0})
    once_before(monkeypatch, curated_table, "replace_curated_days", lambda: build(small_city))
    built = build(small_city)
    publish_mart(built, small_city.registry, small_city.lake)
    assert published_days(small_city) == [(D1,), (D2,)]
    # The other run has built the day; nothing was left to do for this one.
    assert built.days["station_day"] == ()


def test_tables_of_one_version_have_read_each_other(small_city: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    small_city.readings(D1, {"a": 1.0})

    def other() -> None:
        small_city.readings(D2, {"a": 2.0})
        build(small_city)

    once_before(monkeypatch, publish_version, "publish_mart", other)
    publish_version.publish_mart(build(small_city), small_city.registry, small_city.lake)
    # The version that was built, whole, and not a part of the newer one.
    assert published_days(small_city) == [(D1,)]
    assert query_mart(small_city.lake, "air", "SELECT days FROM summary")[1] == [(1,)]


def another_run_publishes(city: Any) -> None:
    city.readings(D2, {"a": 2.0})
    publish_mart(build(city), city.registry, city.lake)


def test_a_newer_version_that_another_run_has_published_meanwhile_stays(
    small_city: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_city.readings(D1, {"a": 1.0})

    once_before(monkeypatch, publish_version, "_write_mart_file", partial(another_run_publishes, small_city))
    done = publish_mart(build(small_city), small_city.registry, small_city.lake)
    assert (done.status, published_days(small_city)) == ("unchanged", [(D1,), (D2,)])


def test_an_older_version_that_moved_the_pointer_last_is_followed_by_the_newest(
    small_city: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_city.readings(D1, {"a": 1.0})
    # As on an object store, and where a folder cannot be locked.
    monkeypatch.setattr(publish_version, "pointer_lock", lambda *_: nullcontext())
    once_before(monkeypatch, mart_pointer, "move_pointer", partial(another_run_publishes, small_city))
    context = RunContext(small_city.registry, small_city.lake, Ledger(small_city.lake), new_run())
    (done,) = mart_pipeline.build_and_publish_marts(context, ["air"])
    assert (done.status, published_days(small_city)) == ("published", [(D1,), (D2,)])


def test_a_disk_that_fails_is_no_fault_of_the_select(small_city: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    small_city.readings(D1, {"a": 1.0})

    def full(*_: Any, **__: Any) -> None:
        raise DeltaError("No space left on device")

    monkeypatch.setattr(curated_table, "write_deltalake", full)
    context = RunContext(small_city.registry, small_city.lake, Ledger(small_city.lake), new_run())
    (done,) = mart_pipeline.build_and_publish_marts(context, ["air"])
    assert [problem.code for problem in done.problems] == ["STEP_FAILED"]
