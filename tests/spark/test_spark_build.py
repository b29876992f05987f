"""A table with ``engine: spark`` becomes the same curated table, by day and as a whole, on both servers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from citylake.pipelines.marts.make.mart_builder import build_mart
from citylake.pipelines.marts.spark.engine_choice import AUTO, REMOTE
from citylake.schemas.model.mart import Mart
from tests.pipelines.conftest import small_city

__all__ = ["small_city"]

D1 = date(2026, 2, 27)
D2, D3 = (D1 + timedelta(n) for n in (1, 2))
TABLES = ("station_day", "station_hour", "summary")


def _on(city: Any, engine: str) -> Mart:
    """The mart of the city with every table on ``engine``."""
    mart = city.registry.marts["air"]
    tables = {name: table.model_copy(update={"engine": engine}) for name, table in mart.tables.items()}
    changed: Mart = mart.model_copy(update={"tables": tables})
    city.registry.marts["air"] = changed
    return changed


def _rows(city: Any) -> dict[str, list[Any]]:
    lake = city.lake
    return {name: sorted(pl.read_delta(lake.curated("air", name)).rows(), key=repr) for name in TABLES}


@pytest.fixture(params=["sail", "apache_spark"])
def remote(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    address = str(request.getfixturevalue(request.param))
    monkeypatch.setenv(REMOTE, address)
    return address


def test_a_mart_on_spark_has_the_rows_and_types_that_duckdb_gives(small_city: Any, remote: str) -> None:
    small_city.stations({"a": "甲"})
    for day in (D1, D2, D3):
        small_city.readings(day, {"a": 10.0, "b": 30.5})
    registry, lake = small_city.registry, small_city.lake
    build_mart(_on(small_city, "duckdb"), registry, lake)
    wanted = _rows(small_city)
    shapes = {name: pl.read_delta(lake.curated("air", name)).schema for name in TABLES}
    built = build_mart(_on(small_city, "spark"), registry, lake)
    assert built.days == dict.fromkeys(TABLES), "another engine makes the table anew"
    assert _rows(small_city) == wanted
    assert {name: pl.read_delta(lake.curated("air", name)).schema for name in TABLES} == shapes


def test_only_the_days_that_changed_are_made_on_spark(small_city: Any, remote: str) -> None:
    small_city.stations({"a": "甲"})
    for day in (D1, D2, D3):
        small_city.readings(day, {"a": 10.0})
    mart, registry, lake = _on(small_city, "spark"), small_city.registry, small_city.lake
    build_mart(mart, registry, lake)
    small_city.readings(D2, {"a": 20.0, "b": 1.0})
    built = build_mart(mart, registry, lake)
    assert built.days == {"station_day": (D2, D3), "station_hour": (D2,), "summary": None}
    found = _rows(small_city)
    build_mart(_on(small_city, "duckdb"), registry, lake, full=True)
    assert found == _rows(small_city)


def test_auto_takes_spark_from_the_bytes_of_its_inputs_on(
    small_city: Any, sail: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    small_city.readings(D1, {"a": 10.0})
    mart, registry, lake = _on(small_city, "auto"), small_city.registry, small_city.lake
    monkeypatch.setenv(REMOTE, sail)
    monkeypatch.setenv(AUTO, "300MB")
    with caplog.at_level("INFO"):
        build_mart(mart, registry, lake)
        assert "runs on" not in caplog.text
        monkeypatch.setenv(AUTO, "0")
        build_mart(mart, registry, lake, full=True)
    assert "mart.air.station_day runs on sc://" in caplog.text
