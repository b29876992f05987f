"""Farming: early harvests and warm stores of the city are found exactly, not only in number."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import duckdb
import pytest

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.agriculture import DOMAIN
from citylake.infra.city.domains.agriculture.farm_truth import early_harvests, excursions
from citylake.infra.city.domains.provenance.chain_truth import Batches, good_fields
from citylake.infra.city.whitepaper.paper_system import WHITEPAPER_WORKSPACE

MARTS = WHITEPAPER_WORKSPACE / "marts" / "crop_trace"
TABLES = {
    "agriculture.operations": "operation_no TEXT, plot_code TEXT, operated_on DATE, operation_kind TEXT,"
    " input_name TEXT, safety_interval_d BIGINT",
    "agriculture.harvests": "harvest_no TEXT, plot_code TEXT, harvested_at TIMESTAMP, batch_code TEXT",
    "agriculture.store_climate": "site_code TEXT, observed_at TIMESTAMP, store_temperature_degc DOUBLE",
    "provenance.batches": "batch_code TEXT",
    "provenance.storage": "site_code TEXT, batch_code TEXT, stored_at TIMESTAMP, released_at TIMESTAMP",
}


@pytest.fixture(scope="module")
def batches() -> Batches:
    return {made.dataset: made for made in (generate(City()) for generate, _ in DOMAIN.makers)}


@pytest.fixture
def engine() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("CREATE SCHEMA agriculture; CREATE SCHEMA provenance")
    for table, columns in TABLES.items():
        connection.execute(f"CREATE TABLE {table} ({columns})")
    return connection


def fill(engine: duckdb.DuckDBPyConnection, table: str, rows: Iterable[tuple[object, ...]]) -> None:
    for row in rows:
        engine.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)


def select(engine: duckdb.DuckDBPyConnection, table: str, columns: str) -> list[tuple[object, ...]]:
    sql = (MARTS / f"{table}.sql").read_text("utf-8")
    return engine.execute(f"SELECT {columns} FROM ({sql}\n) AS found").fetchall()


def test_early_harvests_are_those_that_the_calendar_says(engine: duckdb.DuckDBPyConnection, batches: Batches) -> None:
    works = [
        (row["no"], row["plot"], _time(row["day"], "%Y/%m/%d").date(), "3", "", int(row["wait_days"]))
        for row in good_fields(batches, "agriculture.operations")
        if row["work"] == "pest"
    ]
    fill(engine, "agriculture.operations", works)
    harvests = good_fields(batches, "agriculture.harvests")
    fill(
        engine,
        "agriculture.harvests",
        [(row["采收编号"], row["地块"], row["采收时间"], row["批次号"]) for row in harvests],
    )
    found = select(engine, "interval_violations", "harvest_no, operation_no")
    assert len(found) > 3
    assert sorted(found) == sorted(early_harvests(batches))


def test_warm_stores_are_those_that_the_readings_say(engine: duckdb.DuckDBPyConnection, batches: Batches) -> None:
    readings = [
        (row["Lager"], _time(row["Zeit"], "%d.%m.%Y %H:%M"), float(row["Temp"].replace(",", ".")))
        for row in good_fields(batches, "agriculture.store_climate")
    ]
    fill(engine, "agriculture.store_climate", readings)
    found = select(engine, "storage_excursions", "site_code, began_at, readings")
    assert len(found) > 3
    assert sorted(found, key=str) == sorted(excursions(batches), key=str)


def _time(text: str, form: str) -> datetime:
    return datetime.strptime(text, form)
