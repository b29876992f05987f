from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.pipelines.marts.make.mart_builder import build_mart
from citylake.schemas.words.errors import CitylakeError

OPTIONAL = """
mart: other
title: {zh: 其他, en: other}
audience: {zh: 分析人员, en: analysts}
optional: {place.sites: {station_code: place.station_code}}
tables:
  best:
    title: {zh: 最好, en: best}
    grain: [station_code]
    columns: {station_code: {element: place.station_code}, day: {text: {zh: 日, en: day}}}
"""
SELECT = """
SELECT stations.station_code, sites._day AS day
FROM place.stations AS stations LEFT JOIN place.sites AS sites USING (station_code)
"""
D1 = date(2026, 2, 27)
D2, D3, D4 = (D1 + timedelta(n) for n in (1, 2, 3))


def test_a_mart_is_built_before_its_sources_came(small_city: Any) -> None:
    built = build_mart(small_city.registry.marts["air"], small_city.registry, small_city.lake)
    assert built.inputs == {"air.readings": -1, "place.stations": -1}
    assert _rows(small_city, "station_day") == []
    assert _rows(small_city, "summary") == []


def test_tables_hold_what_the_select_makes_in_the_declared_types(small_city: Any) -> None:
    small_city.stations({"a": "甲"})
    small_city.readings(D1, {"a": 10.0, "b": 30.0})
    _build(small_city)
    assert _rows(small_city, "station_day") == [("a", D1, "甲", 10.0, 10.0, 1), ("b", D1, None, 30.0, 30.0, 1)]
    assert _rows(small_city, "summary") == [("a", 1), ("b", 1)]
    assert _frame(small_city, "summary").schema == {"station_code": pl.String, "days": pl.Int64}


def test_an_optional_dataset_that_is_not_declared_is_a_table_without_rows(small_city: Any) -> None:
    small_city.stations({"a": "甲"})
    small_city.mart("other", OPTIONAL, {"best": SELECT})
    registry = small_city.registry
    build_mart(registry.marts["other"], registry, small_city.lake)
    best = pl.read_delta(small_city.lake.curated("other", "best"))
    assert best.rows() == [("a", None)]


def test_nothing_is_made_again_where_nothing_changed(small_city: Any) -> None:
    small_city.readings(D1, {"a": 10.0})
    first, second = _build(small_city), _build(small_city)
    assert first.days == {"station_day": None, "station_hour": None, "summary": None}
    assert second.days == {"station_day": (), "station_hour": (), "summary": ()}
    assert second.tables == first.tables
    assert second.fingerprint == first.fingerprint


def test_only_days_that_changed_and_those_that_look_back_on_them_are_made(small_city: Any) -> None:
    for day in (D1, D2, D3, D4):
        small_city.readings(day, {"a": 10.0})
    _build(small_city)
    small_city.readings(D2, {"a": 20.0, "b": 1.0})
    built = _build(small_city)
    assert built.days == {"station_day": (D2, D3), "station_hour": (D2,), "summary": None}
    means = {row[1]: row[4] for row in _rows(small_city, "station_day") if row[0] == "a"}
    assert means == {D1: 10.0, D2: 15.0, D3: 15.0, D4: 10.0}
    assert _rows(small_city, "summary") == [("a", 4), ("b", 1)]


def test_a_day_that_lost_its_rows_loses_them_here_too(small_city: Any) -> None:
    small_city.readings(D1, {"a": 10.0})
    small_city.readings(D2, {"a": 10.0})
    _build(small_city)
    small_city.readings(D2, {})
    _build(small_city)
    assert [row[1] for row in _rows(small_city, "station_day")] == [D1]


def test_a_register_without_days_that_changed_makes_the_table_anew(small_city: Any) -> None:
    small_city.stations({"a": "甲"})
    small_city.readings(D1, {"a": 10.0})
    _build(small_city)
    small_city.stations({"a": "乙"})
    assert _build(small_city).days == {"station_day": None, "station_hour": (), "summary": None}
    assert _rows(small_city, "station_day")[0][2] == "乙"


def test_a_changed_select_makes_its_table_anew_and_those_that_read_it(small_city: Any) -> None:
    small_city.readings(D1, {"a": 10.0})
    before = _build(small_city)
    file = small_city.root / "marts/air/station_day.sql"
    file.write_text(file.read_text().replace("n AS readings", "2 * n AS readings"))
    after = _build(small_city)
    assert after.days == {"station_day": None, "station_hour": (), "summary": None}
    assert after.fingerprint != before.fingerprint
    assert _rows(small_city, "station_day")[0][5] == 2


def test_the_edition_of_the_index_goes_by_the_local_day_of_the_hour(small_city: Any) -> None:
    for day in (D2, D3):
        small_city.readings(day, {"a": 60.0})
    _build(small_city)
    found = [row[2:] for row in _rows(small_city, "station_hour")]
    assert found == [(D2, 82, "HJ 633-2012"), (D3, 100, "HJ 633-2026")]


def test_a_column_that_no_file_has_yet_is_empty(small_city: Any) -> None:
    small_city.readings(D1, {"a": 10.0})
    contract = small_city.root / "datasets/air.readings.yaml"
    contract.write_text(contract.read_text().replace("write:", "  n: {element: place.station_name}\nwrite:"))
    file = small_city.root / "marts/air/station_day.sql"
    file.write_text(file.read_text().replace("avg(pm25_ugm3)", "avg(pm25_ugm3 + coalesce(len(station_name), 1))"))
    _build(small_city)
    assert _rows(small_city, "station_day")[0][3] == 11.0


def test_files_that_are_large_are_read_in_place_to_the_same_end(
    small_city: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("citylake.pipelines.marts.make.delta_views.DUCKDB_VECTOR_ROWS", 0)
    small_city.readings(D1, {"a": 10.0, "b": 30.0})
    _build(small_city)
    small_city.readings(D2, {"a": 20.0})
    assert _build(small_city).days["station_day"] == (D2, D3)
    assert [row[4] for row in _rows(small_city, "station_day")] == [10.0, 15.0, 30.0]


def test_another_marts_table_is_read_by_its_long_name(small_city: Any) -> None:
    small_city.readings(D1, {"a": 10.0})
    _build(small_city)
    small_city.mart("other", OTHER, {"best": "SELECT station_code, day FROM mart.air.station_day"})
    built = build_mart(small_city.registry.marts["other"], small_city.registry, small_city.lake)
    assert built.inputs == {"mart.air.station_day": 0}
    found = pl.read_delta(small_city.lake.curated("other", "best")).rows()
    assert found == [("a", D1)]


def test_a_select_that_makes_other_columns_is_told_with_both_lists(small_city: Any) -> None:
    file = small_city.root / "marts/air/summary.sql"
    file.write_text("SELECT station_code, 1 AS nights FROM station_day")
    with pytest.raises(CitylakeError, match="nights") as caught:
        _build(small_city)
    assert caught.value.code == "MART_COLUMNS_DIFFER"


@pytest.mark.parametrize(
    "select",
    [
        "SELECT station_code, nothing AS days FROM station_day",
        "SELECT station_code, CAST('many' AS BIGINT) AS days FROM station_day",
        "SELECT station_code, error('no') AS days FROM station_day",
    ],
)
def test_a_select_that_fails_names_its_file_and_changes_nothing(small_city: Any, select: str) -> None:
    small_city.readings(D1, {"a": 10.0})
    _build(small_city)
    (small_city.root / "marts/air/summary.sql").write_text(select)
    with pytest.raises(CitylakeError, match=r"summary\.sql") as caught:
        _build(small_city)
    assert caught.value.code == "MART_SQL_FAILED"
    assert _rows(small_city, "summary") == [("a", 1)]


steps = st.lists(
    st.tuples(
        st.sampled_from([D1, D2, D3, D4]),
        st.dictionaries(st.sampled_from("abc"), st.integers(0, 100).map(float)),
        st.booleans(),
    ),
    min_size=2,
    max_size=5,
)


@settings(max_examples=4, deadline=None)
@given(steps)
def test_building_by_days_gives_what_building_all_gives(
    make_city: Any, steps: list[tuple[date, dict[str, float], bool]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        city = make_city(Path(folder))
        for day, values, now in steps:
            city.readings(day, values)
            if now:
                _build(city)
        by_days = [(_build(city), _rows(city, name))[1] for name in TABLES]
        build_mart(city.registry.marts["air"], city.registry, city.lake, full=True)
        assert by_days == [_rows(city, name) for name in TABLES]


TABLES = ("station_day", "station_hour", "summary")
OTHER = """
mart: other
title: {zh: 其他, en: other}
audience: {zh: 分析人员, en: analysts}
tables:
  best:
    title: {zh: 最好, en: best}
    grain: [station_code, day]
    columns: {station_code: {element: place.station_code}, day: {element: time.day}}
"""


def test_what_a_contract_says_is_deleted_is_hidden_once_it_says_so(small_city: Any) -> None:
    small_city.stations({"a": "甲", "b": "撤"})
    small_city.readings(D1, {"a": 10.0, "b": 30.0})
    _build(small_city)
    path = small_city.root / "datasets/air.readings.yaml"
    text = path.read_text(encoding="utf-8")
    write = "key: [station_code, hour_start], "
    path.write_text(text.replace(write, write + "deleted: {column: station_code, codes: [b]}, "), encoding="utf-8")
    _build(small_city)
    assert [row[0] for row in _rows(small_city, "station_day")] == ["a"]


def _build(city: Any) -> Any:
    return build_mart(city.registry.marts["air"], city.registry, city.lake)


def _frame(city: Any, table: str) -> pl.DataFrame:
    return pl.read_delta(city.lake.curated("air", table))


def _rows(city: Any, table: str) -> list[tuple[Any, ...]]:
    return _frame(city, table).sort(pl.col("station_code"), pl.nth(1)).rows()
