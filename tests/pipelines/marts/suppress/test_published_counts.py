"""A mart with ``suppress``, from the standard table to the published file: nothing exact is left in it."""

from __future__ import annotations

import re
import sys
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from citylake.pipelines.marts.make.mart_builder import build_mart
from citylake.pipelines.marts.plan.mart_binder import MartBinder
from citylake.pipelines.marts.publish.publish_version import publish_mart
from citylake.pipelines.read.mart_reader import query_mart
from citylake.schemas.words.errors import CitylakeError

MART = """
mart: cases
title: {zh: 案件, en: cases}
audience: {zh: 公众, en: the public}
tables:
  region_day:
    title: {zh: 区日, en: region and day}
    grain: [day, region, kind]
    day: day
    columns:
      day: {element: time.day}
      region: {text: {zh: 区, en: region}}
      kind: {text: {zh: 类, en: kind}}
      cases: {text: {zh: 案件数, en: cases}}
      share: {text: {zh: 占比, en: share}}
    suppress:
      columns: [cases]
      threshold: 10
      over: [day, region, kind]
      totals: {region: all, kind: all}
      also: [share]
    checks:
      - name: {zh: 核对精确计数, en: checks read the exact counts}
        sql: SELECT count(*) FROM region_day WHERE cases IS NULL
  city_day:
    title: {zh: 市日, en: city and day}
    grain: [day]
    day: day
    columns:
      day: {element: time.day}
      cases: {text: {zh: 案件数, en: cases}}
    suppress: {columns: [cases], threshold: 10, over: [day], level_of: region_day}
questions:
  - id: hidden
    text: {zh: 有多少计数不发布？, en: "How many counts are hidden?"}
    sql: SELECT count(*) FILTER (WHERE cases_suppressed) AS hidden FROM region_day
"""
SQL = {
    "region_day": """
SELECT _day AS day, coalesce(split_part(station_code, '-', 1), 'all') AS region,
    coalesce(split_part(station_code, '-', 2), 'all') AS kind, sum(pm25_ugm3)::BIGINT AS cases,
    sum(pm25_ugm3) / 1000 AS share
FROM air.readings
GROUP BY GROUPING SETS ((1, split_part(station_code, '-', 1), split_part(station_code, '-', 2)),
    (1, split_part(station_code, '-', 1)), (1, split_part(station_code, '-', 2)), (1))
""",
    "city_day": "SELECT day, cases FROM region_day WHERE region = 'all' AND kind = 'all'",
}
D1, D2 = date(2026, 2, 27), date(2026, 2, 28)
COUNTS = {"a-x": 3.0, "a-y": 41.0, "b-x": 57.0, "b-y": 68.0}


def _publish(city: Any) -> Any:
    registry = city.registry
    return publish_mart(build_mart(registry.marts["cases"], registry, city.lake), registry, city.lake)


def _ask(city: Any, sql: str) -> list[tuple[Any, ...]]:
    return list(query_mart(city.lake, "cases", sql)[1])


@pytest.fixture
def city(small_city: Any) -> Any:
    small_city.mart("cases", MART, SQL)
    small_city.readings(D1, COUNTS)
    return small_city


def test_a_published_file_has_no_small_count_and_says_what_is_hidden(city: Any) -> None:
    done = _publish(city)
    assert (done.status, done.tables) == ("published", {"region_day": 9, "city_day": 1})
    shown = {
        row[:2]: row[2:] for row in _ask(city, "SELECT region, kind, cases, share, cases_suppressed FROM region_day")
    }
    hidden = {key for key, row in shown.items() if row[2]}
    assert hidden == {("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")}
    assert all((row[0], row[1]) == (None, None) for key, row in shown.items() if key in hidden)
    assert shown["all", "all"] == (169, 0.169, False)
    assert _ask(city, "FROM city_day") == [(D1, 169, False)]
    comment = (
        "SELECT comment FROM duckdb_columns() WHERE column_name = 'cases_suppressed' AND table_name = 'region_day'"
    )
    assert "whether cases is hidden: below 10" in _ask(city, comment)[0][0]


def test_the_curated_table_and_the_tables_that_read_it_have_the_exact_counts(city: Any) -> None:
    _publish(city)
    exact = pl.read_delta(city.lake.curated("cases", "region_day"))
    assert exact.filter(region="a", kind="x")["cases"].to_list() == [3]
    assert "cases_suppressed" not in exact.columns


def test_a_question_may_ask_which_counts_are_hidden(city: Any) -> None:
    with MartBinder(city.registry) as binder:
        assert binder.bind_mart("cases").unbound_questions == {}
    _publish(city)
    (question,) = city.registry.marts["cases"].questions
    assert _ask(city, question.sql) == _ask(city, "SELECT count(*) FROM region_day WHERE cases IS NULL")


def test_only_the_published_file_stays_and_holds_no_exact_count(city: Any) -> None:
    city.readings(D1, {**COUNTS, "a-x": 3.0, "a-y": 123456789.0})
    done = _publish(city)
    folder = Path(done.path).parent
    assert sorted(each.name for each in folder.iterdir()) == [Path(done.path).name, "current.duckdb", "current.json"]
    assert (123456789).to_bytes(8, "little") not in Path(done.path).read_bytes()


def test_a_later_day_changes_nothing_of_the_days_before(city: Any) -> None:
    _publish(city)
    before = _ask(city, "FROM region_day ORDER BY ALL")
    city.readings(D2, {"a-x": 50.0, "b-y": 60.0})
    _publish(city)
    assert _ask(city, f"FROM region_day WHERE day = DATE '{D1}' ORDER BY ALL") == before
    assert _ask(city, f"SELECT cases FROM city_day WHERE day = DATE '{D2}'") == [(110,)]


def test_without_the_library_nothing_is_published(city: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pytauargus", None)
    with pytest.raises(CitylakeError) as caught:
        _publish(city)
    assert caught.value.code == "DISCLOSURE_EXTRA_MISSING"
    assert "pip install 'citylake[disclosure]'" in caught.value.say("en")
    assert "pip install 'citylake[disclosure]'" in caught.value.say("zh")
    assert not Path(city.lake.mart("cases"), "current.json").exists()


def test_the_page_shows_the_words_that_these_tests_use() -> None:
    page = Path(__file__).parents[4].joinpath("docs/sensitivity.md").read_text(encoding="utf-8")
    block = next(each for each in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if "suppress:" in each)
    shown, used = yaml.safe_load(block)["tables"], yaml.safe_load(MART)["tables"]
    assert {name: table["suppress"] for name, table in shown.items()} == {
        name: table["suppress"] for name, table in used.items()
    }
