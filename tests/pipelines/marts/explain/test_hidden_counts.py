"""What is hidden in a table is hidden in all that the file says about it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.pipelines.marts.explain.conftest import Published

DAY = date(2026, 2, 27)
MART = """
mart: air
title: {zh: 案件, en: cases}
audience: {zh: 公众, en: the public}
tables:
  cases:
    title: {zh: 案件, en: cases}
    grain: [day, region]
    day: day
    columns:
      day: {element: time.day}
      region: {text: {zh: 区, en: region}}
      cases: {text: {zh: 案件数, en: cases}}
    suppress: {columns: [cases], threshold: 10, over: [day, region], totals: {region: all}}
"""
SQL = """
SELECT _day AS day, coalesce(station_code, 'all') AS region, sum(pm25_ugm3)::BIGINT AS cases
FROM air.readings GROUP BY GROUPING SETS ((1, station_code), (1))
"""


@pytest.fixture
def hidden(small_city: Any) -> Published:
    for file in (small_city.root / "marts" / "air").glob("*.sql"):
        file.unlink()
    small_city.mart("air", MART, {"cases": SQL})
    small_city.readings(DAY, {"a": 3.0, "b": 41.0, "c": 57.0})
    published = Published(small_city, "")
    published.path = published.again().path
    return published


def test_the_view_has_the_nulls_of_the_table_and_the_flags_are_explained(hidden: Published) -> None:
    named = hidden.ask("SELECT region, cases, cases_suppressed FROM named.cases ORDER BY region")
    assert named == hidden.ask("SELECT region, cases, cases_suppressed FROM cases ORDER BY region")
    assert ("a", None, True) in named
    asked = "SELECT text_en, empty_en FROM _columns WHERE column_name = "
    assert hidden.ask(f"{asked} 'cases_suppressed'")[0][0].startswith("whether cases is hidden: below 10")
    assert "hidden" in hidden.ask(f"{asked} 'cases'")[0][1]


def test_the_table_says_how_many_counts_are_hidden(hidden: Published) -> None:
    flags = sum(flag for (flag,) in hidden.ask("SELECT cases_suppressed FROM cases"))
    said = "counts of cases below 10 are hidden, {} values with those that would give them away"
    assert hidden.ask("SELECT caveats_en FROM _tables") == [([said.format(flags)],)]
