"""Expectations of a mart's tables: what holds a version, what is only recorded, and how a person accepts it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from citylake.pipelines.acts.accept_mart import accept_mart
from citylake.pipelines.acts.person import Person
from citylake.pipelines.context import RunContext, new_run
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.marts.mart_pipeline import build_and_publish_marts
from citylake.pipelines.marts.publish.mart_pointer import read_pointer
from citylake.pipelines.records import Publication
from citylake.schemas.lint import lint_workspace
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import render_issue

D1 = date(2026, 3, 1)
ANNA = Person("anna")
MART = """
mart: speed
title: {zh: 站点, en: stations}
audience: {zh: 分析人员, en: analysts}
tables:
  station_day:
    title: {zh: 站点日, en: station day}
    grain: [station_code, day]
    day: day
    columns:
      station_code: {element: place.station_code}
      day: {element: time.day}
      pm25_ugm3: {element: air.pm25}
      readings: {text: {zh: 读数个数, en: readings}}
"""
SQL = """
SELECT station_code, _day AS day, sum(pm25_ugm3) AS pm25_ugm3, count(*) AS readings FROM air.readings {} GROUP BY ALL
"""


def declare(city: Any, expect: str, where: str = "") -> None:
    city.mart("speed", MART + (f"    expect: {expect}\n" if expect else ""), {"station_day": SQL.format(where)})


def context(city: Any) -> RunContext:
    return RunContext(city.registry, city.lake, Ledger(city.lake), new_run())


def publish(city: Any) -> Publication:
    work = context(city)
    (done,) = build_and_publish_marts(work, ["speed"])
    work.ledger.flush()
    return done


def stations(count: int, value: float = 10.0) -> dict[str, float]:
    return {f"s{number:02}": value for number in range(count)}


def failed(done: Publication) -> list[str]:
    return [check.name for check in done.checks if not check.passed]


def test_a_mart_that_falls_to_nothing_is_held_without_any_expectation(small_city: Any) -> None:
    small_city.readings(D1, stations(24))
    declare(small_city, "")
    first = publish(small_city)
    declare(small_city, "", "WHERE false")
    held = publish(small_city)
    assert (first.status, held.status) == ("published", "held")
    assert failed(held) == ["station_day: rows.kept"]
    text = render_issue(held.problems[0].code, held.problems[0].values, "en")
    assert "0 of 24" in text
    assert "citylake mart publish speed --accept --why" in text
    pointer = read_pointer(small_city.lake, "speed")
    assert pointer is not None
    assert pointer.version == first.version


@pytest.mark.parametrize(
    ("before", "now", "expect"),
    [(24, 12, ""), (19, 0, ""), (24, 0, "{rows: {kept_min: 0}}")],
    ids=["half", "a small table", "turned off"],
)
def test_half_of_the_rows_may_go_and_the_gate_can_be_turned_off(
    before: int, now: int, expect: str, small_city: Any
) -> None:
    small_city.readings(D1, stations(before))
    declare(small_city, expect)
    publish(small_city)
    declare(small_city, expect, f"WHERE station_code < 's{now:02}'")
    assert publish(small_city).status == "published"


def test_a_person_accepts_a_held_version_with_a_reason_and_the_ledger_has_the_act(small_city: Any) -> None:
    small_city.readings(D1, stations(24))
    declare(small_city, "")
    publish(small_city)
    declare(small_city, "", "WHERE false")
    work = context(small_city)
    with pytest.raises(CitylakeError) as caught:
        accept_mart(work, "speed", ANNA, " ")
    assert caught.value.code == "ACCEPT_WITHOUT_REASON"
    done = accept_mart(work, "speed", ANNA, "the stations were closed")
    assert done.status == "published"
    assert [problem.code for problem in done.problems] == ["MART_EXPECTATION_WARNED"]
    (act,) = work.ledger.read("acts").to_dicts()
    assert (act["act"], act["dataset"], act["user"], act["why"]) == (
        "publish_mart",
        "mart.speed",
        "anna",
        "the stations were closed",
    )
    assert publish(small_city).status == "unchanged"


def test_who_may_not_release_for_every_department_may_not_accept(small_city: Any) -> None:
    small_city.readings(D1, stations(24))
    declare(small_city, "")
    (small_city.root / "roles.yaml").write_text("roles: [{users: [bo], may: [release], departments: [局]}]\n", "utf-8")
    with pytest.raises(CitylakeError) as caught:
        accept_mart(context(small_city), "speed", Person("bo"), "because")
    assert caught.value.code == "ACT_NOT_ALLOWED"


@pytest.mark.parametrize(
    ("expect", "name"),
    [
        ("{rows: {min: 25}}", "rows.min"),
        ("{rows: {max: 23}}", "rows.max"),
        ("{unique: [[day]]}", "unique.day"),
        ("{intervals: [{by: [day], from: readings, to: pm25_ugm3}]}", "intervals.day.readings"),
        ("{references: [{columns: [station_code], table: place.stations, keys: [station_code], share: 0.6}]}",
         "reference.station_code→place.stations"),
        ("{totals: {pm25_ugm3: {from: air.readings.pm25_ugm3, where: \"station_code <> 's00'\"}}}", "totals.pm25_ugm3"),
        ("{totals: {pm25_ugm3: {from: air.readings}}}", "totals.pm25_ugm3"),
    ],
)  # fmt: skip
def test_a_broken_expectation_holds_the_version_by_name(expect: str, name: str, small_city: Any) -> None:
    small_city.readings(D1, stations(24))
    small_city.stations({f"s{number:02}": "x" for number in range(12)})
    declare(small_city, expect)
    done = publish(small_city)
    assert (done.status, failed(done)) == ("held", [f"station_day: {name}"])


@pytest.mark.parametrize(
    "expect",
    [
        "{rows: {min: 24, max: 24}, completeness: {pm25_ugm3: 1}, unique: [[station_code]], days_present: 2}",
        "{references: [{columns: [station_code], table: place.stations, keys: [station_code], share: 0.5}]}",
        "{intervals: [{by: [station_code], from: readings, to: pm25_ugm3}]}",
        "{totals: {pm25_ugm3: {from: air.readings.pm25_ugm3}, readings: {from: air.readings}}}",
        "{totals: {pm25_ugm3: {from: air.readings, tolerance: 1}}, severity: {totals: warning}}",
    ],
)
def test_what_is_kept_holds_nothing(expect: str, small_city: Any) -> None:
    small_city.readings(D1, stations(24))
    small_city.stations({f"s{number:02}": "x" for number in range(12)})
    declare(small_city, expect)
    assert publish(small_city).status == "published"


def test_a_warning_is_recorded_with_its_dimension_and_the_version_is_published(small_city: Any) -> None:
    small_city.readings(D1, stations(24))
    declare(small_city, "{rows: {min: 99}, severity: {rows.min: warning}}")
    work = context(small_city)
    (done,) = build_and_publish_marts(work, ["speed"])
    assert done.status == "published"
    (row,) = work.ledger.read("checks").filter(name="station_day: rows.min").to_dicts()
    assert (row["passed"], row["severity"], row["dimension"]) == (False, "warning", "completeness")


def test_totals_are_compared_on_the_days_that_were_built(small_city: Any) -> None:
    declare(small_city, "{totals: {pm25_ugm3: {from: air.readings.pm25_ugm3}}}")
    for number in range(3):
        small_city.readings(D1 + timedelta(number), stations(4))
        assert publish(small_city).status == "published"
    declare(small_city, "{totals: {pm25_ugm3: {from: air.readings.pm25_ugm3}}}", "WHERE station_code <> 's00'")
    held = publish(small_city)
    assert held.status == "held"
    (check,) = [each for each in held.checks if not each.passed]
    assert check.observed == "2026-03-01: 30.0 instead of 40.0; 2 more days"


def test_a_mart_day_whose_values_moved_is_a_warning(small_city: Any) -> None:
    declare(small_city, "{shift: {pm25_ugm3: 0.25}, rows: {like_days: 4}}")
    for number in range(14):
        small_city.readings(D1 + timedelta(number), {f"s{n:03}": float(n % 10) for n in range(120)})
    assert publish(small_city).status == "published"
    small_city.readings(D1 + timedelta(15), {f"s{n:03}": float(n % 10) * 1000 for n in range(120)})
    done = publish(small_city)
    assert (done.status, failed(done)) == ("published", ["station_day: shift.pm25_ugm3"])


@pytest.mark.parametrize(
    ("expect", "code"),
    [
        ("{completeness: {pm10: 1}}", "COLUMN_UNKNOWN"),
        ("{intervals: [{by: [station_code], from: day, to: end_day}]}", "COLUMN_UNKNOWN"),
        ("{totals: {readings: {from: air.reading.pm25_ugm3}}}", "MART_INPUT_UNKNOWN"),
        ("{totals: {readings: {from: air.readings.pm10}}}", "COLUMN_UNKNOWN"),
        ("{totals: {readings: {from: air.readings, where: 'SELECT 1'}}}", "RULE_UNREADABLE"),
        ("{references: [{columns: [day], table: nowhere, keys: [day]}]}", "MART_INPUT_UNKNOWN"),
        ("{severity: {nothing: warning}}", "DECLARATION_INCONSISTENT"),
    ],
)
def test_lint_names_an_expectation_about_something_that_does_not_exist(expect: str, code: str, small_city: Any) -> None:
    declare(small_city, expect)
    assert code in [finding.code for finding in lint_workspace(small_city.root) if finding.path.name == "mart.yaml"]
