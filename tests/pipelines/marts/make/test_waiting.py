"""A day of a mart waits for the departments that have not given it yet, and no longer than its declaration says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from citylake.pipelines.marts.make import curated_table, mart_builder
from citylake.pipelines.marts.make.mart_builder import MartBuild, build_mart, due_days
from citylake.pipelines.marts.make.wait_policy import mart_wait_policy
from citylake.pipelines.marts.publish import mart_pointer
from citylake.pipelines.marts.publish.publish_version import publish_mart
from tests.interleave import once_before
from tests.thorough import examples

RAIN = """
dataset: weather.rain
title: {zh: 雨, en: rain}
owner: {department: 气象局}
source: {connector: files, path: y.csv, format: csv}
fields:
  code: {element: place.station_code}
  hour: {element: time.hour_start}
  pm25: {element: air.pm25}
write: {mode: upsert, key: [station_code, hour_start], partition: day(hour_start)}
"""
BOTH = """
mart: both
title: {zh: 两者, en: both}
audience: {zh: 分析人员, en: analysts}
wait: 36h
tables:
  by_day:
    title: {zh: 按日, en: by day}
    grain: [day]
    day: day
    columns:
      day: {element: time.day}
      readings: {text: {zh: 读数, en: readings}}
      rain: {text: {zh: 雨, en: rain}}
"""
SQL = """
SELECT _day AS day, sum(air) AS readings, sum(rain) AS rain FROM (
    SELECT _day, pm25_ugm3 AS air, 0 AS rain FROM air.readings
    UNION ALL SELECT _day, 0, pm25_ugm3 FROM weather.rain)
GROUP BY 1
"""
D1, D2, D3 = date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)
NEVER = datetime(2100, 1, 1, tzinfo=UTC)
Make = Callable[[Path], Any]


@pytest.fixture
def city(small_city: Any) -> Any:
    return declared(small_city)


def declared(city: Any) -> Any:
    (city.root / "datasets/weather.rain.yaml").write_text(RAIN, encoding="utf-8")
    city.mart("both", BOTH, {"by_day": SQL})
    return city


def rain(city: Any, day: date, value: float = 1.0) -> None:
    """As ``readings``, for the other department."""
    city.readings(day, {"a": value}, "weather.rain")


def made(city: Any, now: datetime | None = None, **chosen: Any) -> MartBuild:
    """Build at ``now``, with patience; without any where it is None."""
    registry = city.registry
    mart = registry.marts["both"]
    waits: dict[str, Any] = {"waits": mart_wait_policy(mart, registry, city.lake, now)} if now else {}
    return build_mart(mart, registry, city.lake, **waits, **chosen)


def days_in(city: Any) -> list[date]:
    """The days that the mart's table has."""
    return sorted(pl.read_delta(city.lake.curated("both", "by_day"))["day"].to_list())


def soon() -> datetime:
    return datetime.now(UTC) + timedelta(hours=1)


def test_a_day_is_built_when_every_department_has_given_it(city: Any) -> None:
    for day in (D1, D2):
        city.readings(day, {"a": 1.0})
    rain(city, D1)
    assert set(made(city, soon()).held) == {D2}
    assert days_in(city) == [D1]
    rain(city, D2)
    done = made(city, soon())
    assert (done.days, done.held, done.gaps) == ({"by_day": (D2,)}, {}, ())
    assert days_in(city) == [D1, D2]


def test_a_day_that_waited_is_not_forgotten_when_another_is_built(city: Any) -> None:
    city.readings(D1, {"a": 1.0})
    rain(city, D1)
    made(city, soon())
    city.readings(D2, {"a": 1.0})
    city.readings(D1, {"a": 2.0})
    assert made(city, soon()).days == {"by_day": (D1,)}
    later = soon() + timedelta(hours=40)
    assert [due_days(city.registry.marts["both"], city.registry, city.lake, at) for at in (soon(), later)] == [[], [D2]]
    assert made(city, later).days == {"by_day": (D2,)}


def test_late_rows_are_built_at_once_where_the_day_is_complete(city: Any) -> None:
    city.readings(D1, {"a": 1.0})
    rain(city, D1)
    made(city, soon())
    rain(city, D1, 5.0)
    assert made(city, soon()).days == {"by_day": (D1,)}


def test_the_wait_of_an_old_day_begins_with_its_first_news(city: Any) -> None:
    """A backfill brings old days, one department after the other."""
    rain(city, D1)
    rain(city, D2)
    city.readings(D1, {"a": 1.0})
    assert set(made(city, datetime.now(UTC) + timedelta(hours=35)).held) == {D2}
    assert made(city, datetime.now(UTC) + timedelta(hours=37)).held == {}


def test_after_the_wait_a_version_names_the_department_that_is_missing(city: Any) -> None:
    for day in (D1, D2, D3):
        city.readings(day, {"a": 1.0})
    rain(city, D1)
    done = publish_mart(made(city, NEVER), city.registry, city.lake)
    (gap,) = done.gaps
    assert (gap.dataset, gap.department, gap.days) == ("weather.rain", "气象局", ((D2, D3),))
    found = mart_pointer.read_pointer(city.lake, "both")
    assert found is not None
    assert found.incomplete == done.gaps
    with duckdb.connect(str(done.path), read_only=True) as mart:
        assert mart.sql("FROM _incomplete").fetchall() == [("气象局", "weather.rain", D2, D3)]
        assert mart.sql("SELECT day FROM by_day ORDER BY 1").fetchall() == [(D1,), (D2,), (D3,)]


def test_a_version_is_whole_again_when_the_rows_have_come(city: Any) -> None:
    for day in (D1, D2):
        city.readings(day, {"a": 1.0})
    rain(city, D1)
    assert publish_mart(made(city), city.registry, city.lake).gaps != ()
    rain(city, D2)
    assert publish_mart(made(city, soon()), city.registry, city.lake).gaps == ()


def test_the_days_before_a_department_began_are_not_missing(city: Any) -> None:
    city.readings(D1, {"a": 1.0})
    city.readings(D2, {"a": 1.0})
    rain(city, D2)
    done = made(city, soon())
    assert (done.held, done.gaps, days_in(city)) == ({}, (), [D1, D2])


def test_a_department_that_has_days_without_rows_is_not_waited_for(city: Any) -> None:
    file = city.root / "datasets/weather.rain.yaml"
    file.write_text(f"{RAIN}expect: {{every_day: false}}\n", encoding="utf-8")
    city.readings(D1, {"a": 1.0})
    assert (made(city, soon()).held, days_in(city)) == ({}, [D1])


def test_a_mart_that_never_waits_takes_what_there_is(city: Any) -> None:
    city.mart("both", BOTH.replace("wait: 36h", "wait: null"), {"by_day": SQL})
    city.readings(D1, {"a": 1.0})
    rain(city, D2)
    done = made(city, soon())
    assert (done.held, days_in(city)) == ({}, [D1, D2])
    assert [gap.dataset for gap in done.gaps] == ["air.readings"]


def test_a_table_is_not_made_while_all_its_days_wait(city: Any) -> None:
    city.readings(D1, {"a": 1.0})
    assert made(city, soon()).tables == {"by_day": -1}
    rain(city, D1)
    assert made(city, soon()).tables == {"by_day": 0}


def test_a_day_that_somebody_asks_for_does_not_wait(city: Any) -> None:
    city.readings(D1, {"a": 1.0})
    city.readings(D2, {"a": 1.0})
    rain(city, D1)
    made(city, soon())
    assert made(city, soon(), asked=[D2]).days == {"by_day": (D2,)}


def test_a_full_build_leaves_out_the_days_that_wait(city: Any) -> None:
    for day in (D1, D2):
        city.readings(day, {"a": 1.0})
    rain(city, D1)
    made(city, soon())
    city.mart("both", BOTH, {"by_day": SQL.replace("sum(air)", "2 * sum(air)")})
    done = made(city, soon())
    assert (done.days, set(done.held), days_in(city)) == ({"by_day": None}, {D2}, [D1])
    assert made(city, soon() + timedelta(hours=40)).days == {"by_day": (D2,)}


def test_a_day_that_comes_while_the_mart_is_planned_waits_too(city: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    city.readings(D1, {"a": 1.0})
    rain(city, D1)
    once_before(monkeypatch, mart_builder, "current_build_inputs", lambda: city.readings(D2, {"a": 1.0}))
    done = made(city, soon())
    assert (set(done.held), done.awaited, days_in(city)) == ({D2}, {D2: ("weather.rain",)}, [D1])


def test_rows_that_come_while_a_day_is_built_without_them_leave_it_incomplete(
    city: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in (D1, D2):
        city.readings(day, {"a": 1.0})
    rain(city, D1)
    once_before(monkeypatch, curated_table, "replace_curated_days", lambda: rain(city, D2))
    assert [(gap.dataset, gap.days) for gap in made(city, NEVER).gaps] == [("weather.rain", ((D2, D2),))]
    assert made(city, soon()).gaps == ()


POINTS = {"planned": (mart_builder, "current_build_inputs"), "written": (curated_table, "replace_curated_days")}
"""When rows come while the mart is built → the function before which they do."""
arrivals = st.lists(
    st.tuples(st.booleans(), st.integers(0, 3), st.floats(0, 9), st.sampled_from(["", "before", *POINTS])),
    min_size=1,
    max_size=7,
)


@settings(max_examples=examples(12, 40), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(arrivals)
@example([(False, 0, 1.0, ""), (True, 0, 1.0, ""), (False, 1, 1.0, "planned"), (True, 1, 1.0, "written")])
def test_whatever_comes_when_the_mart_ends_as_if_it_had_been_built_at_once(
    make_city: Make, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[bool, int, float, str]]
) -> None:
    city = declared(make_city(tmp_path_factory.mktemp("waiting")))
    for is_rain, number, value, when in steps:
        dataset = "weather.rain" if is_rain else "air.readings"
        come = partial(city.readings, D1 + timedelta(number), {"a": value}, dataset)
        done = built_while(city, come, when)
        assert not done or not set(done.days["by_day"] or ()) & set(done.held)
    made(city, NEVER)
    patient = pl.read_delta(city.lake.curated("both", "by_day")).sort("day")
    made(city, full=True)
    assert patient.equals(pl.read_delta(city.lake.curated("both", "by_day")).sort("day"))


def built_while(city: Any, come: Callable[[], object], when: str) -> MartBuild | None:
    """Build the mart before or while rows ``come``; with no time given, they only come."""
    if when not in POINTS:
        come()
        return made(city, soon()) if when else None
    left = [come]
    with pytest.MonkeyPatch.context() as patch:
        once_before(patch, *POINTS[when], lambda: left.pop()())
        done = made(city, soon())
    # Nothing was to be written.
    for each in left:
        each()
    return done
