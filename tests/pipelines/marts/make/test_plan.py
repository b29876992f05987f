from __future__ import annotations

from typing import Any

import pytest

from citylake.pipelines.marts.make.mart_plan import mart_input_datasets, marts_in_order, plan_mart_tables
from citylake.schemas.words.errors import CitylakeError

OTHER = """
mart: other
title: {zh: 其他, en: other}
audience: {zh: 分析人员, en: analysts}
tables:
  best:
    title: {zh: 最好, en: best}
    grain: [station_code]
    columns: {station_code: {element: place.station_code}}
"""


def test_tables_come_after_those_that_they_read(small_city: Any) -> None:
    planned = plan_mart_tables(small_city.registry.marts["air"], small_city.registry)
    assert list(planned).index("station_day") < list(planned).index("summary")
    assert planned["station_day"].datasets == {"air.readings", "place.stations"}
    assert planned["summary"].siblings == {"station_day"}


def test_names_that_the_select_makes_itself_are_no_inputs(small_city: Any) -> None:
    _write(
        small_city,
        "summary",
        "WITH station_hour AS (SELECT 'a' AS station_code), days AS (SELECT * FROM station_hour) "
        "SELECT station_code, 1 AS days FROM days, range(3), unnest([1, 2]) "
        "WHERE EXISTS (SELECT 1 FROM place.stations AS station_day WHERE station_day.station_code = days.station_code)",
    )
    planned = plan_mart_tables(small_city.registry.marts["air"], small_city.registry)["summary"]
    assert (planned.siblings, planned.datasets) == (frozenset(), frozenset({"place.stations"}))


def test_an_optional_dataset_that_is_not_declared_is_no_input(small_city: Any) -> None:
    optional = OTHER.replace("tables:", "optional: {place.sites: {station_code: place.station_code}}\ntables:")
    small_city.mart("other", optional, {"best": "SELECT station_code FROM place.sites"})
    registry = small_city.registry
    planned = plan_mart_tables(registry.marts["other"], registry)["best"]
    assert (planned.datasets, planned.absent) == (frozenset(), frozenset({"place.sites"}))
    assert mart_input_datasets(registry.marts["other"], registry) == set()


def test_inputs_are_those_of_the_marts_that_it_reads_too(small_city: Any) -> None:
    small_city.mart("other", OTHER, {"best": "SELECT station_code FROM mart.air.summary"})
    registry = small_city.registry
    assert mart_input_datasets(registry.marts["other"], registry) == {"air.readings", "place.stations"}
    assert marts_in_order(["other", "air"], registry) == ["air", "other"]
    assert marts_in_order(["other"], registry) == ["other"]


@pytest.mark.parametrize(
    ("select", "code", "said"),
    [
        ("SELECT 1\nFROM air.reading", "MART_TABLE_UNKNOWN", r"summary\.sql, line 2: there is no table air\.reading\."),
        ("SELECT 1 FROM mart.air.nothing", "MART_TABLE_UNKNOWN", r"mart\.air\."),
        ("SELECT 1 FROM station_days", "MART_TABLE_UNKNOWN", "station_day"),
        ("SELECT * FROM summary", "MART_CYCLE", "summary → summary"),
        ("SELECT 1; SELECT 2", "MART_SQL_UNREADABLE", "2 statements"),
        ("DROP TABLE station_day", "MART_SQL_UNREADABLE", "not SELECT"),
        ("SELECT FROM WHERE (", "MART_SQL_UNREADABLE", r"summary\.sql"),
    ],
)
def test_a_select_that_cannot_be_planned_says_where_and_what(
    small_city: Any, select: str, code: str, said: str
) -> None:
    _write(small_city, "summary", select)
    with pytest.raises(CitylakeError, match=said) as caught:
        plan_mart_tables(small_city.registry.marts["air"], small_city.registry)
    assert caught.value.code == code


def test_a_table_without_its_select_is_told_with_files_of_a_similar_name(small_city: Any) -> None:
    (small_city.root / "marts/air/summary.sql").rename(small_city.root / "marts/air/sumary.sql")
    with pytest.raises(CitylakeError, match="sumary") as caught:
        plan_mart_tables(small_city.registry.marts["air"], small_city.registry)
    assert caught.value.code == "MART_SQL_MISSING"


def test_marts_that_read_each_other_are_told_as_a_circle(small_city: Any) -> None:
    small_city.mart("other", OTHER, {"best": "SELECT station_code FROM mart.air.summary"})
    _write(small_city, "summary", "SELECT station_code, 1 AS days FROM mart.other.best")
    with pytest.raises(CitylakeError) as caught:
        marts_in_order(["air"], small_city.registry)
    assert caught.value.code == "MART_CYCLE"


def _write(city: Any, table: str, select: str) -> None:
    (city.root / f"marts/air/{table}.sql").write_text(select)
