from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.make.mart_engine import open_mart_duckdb

if TYPE_CHECKING:
    import duckdb


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_mart_duckdb(Lake(str(tmp_path_factory.mktemp("lake"))), "Asia/Shanghai") as found:
        yield found


@pytest.mark.parametrize(
    ("hour", "values", "aqi", "edition"),
    [
        ("2026-02-28 23:00:00+08", "1, 1, 12.3, 100, 1, 1", 105, "HJ 633-2012"),
        ("2026-02-28 16:00:00+00", "1, 1, 0.1, 1, 120, 60", 100, "HJ 633-2026"),
        ("2026-03-01 00:00:00+08", "NULL, NULL, NULL, NULL, NULL, 60.6", 101, "HJ 633-2026"),
        ("2026-03-01 00:00:00+08", "1, 1, 0.1, 1, 120, NULL", None, None),
        ("2014-06-04 00:00:00+08", "NULL, NULL, NULL, NULL, NULL, 60", 82, "HJ 633-2012"),
    ],
)
def test_the_hourly_index(
    connection: duckdb.DuckDBPyConnection, hour: str, values: str, aqi: int | None, edition: str | None
) -> None:
    found = _one(connection, f"aqi_hourly(TIMESTAMPTZ '{hour}', {values})")
    assert (found["aqi"], found["edition"]) == (aqi, edition)


def test_the_daily_index_takes_one_hour_ozone_before_2026(connection: duckdb.DuckDBPyConnection) -> None:
    values = "5, 20, 0.5, 820, 60, 40"
    assert _one(connection, f"aqi_daily(DATE '2026-03-01', {values})")["aqi"] == 300
    assert _one(connection, f"aqi_daily(DATE '2026-02-28', {values})")["aqi"] is None
    found = _one(connection, f"aqi_daily(DATE '2026-02-28', {values}, 900)")
    assert (found["aqi"], found["class"], found["primary_pollutants"]) == (350, "严重污染", "O3")


def test_an_hour_without_a_time_has_no_index(connection: duckdb.DuckDBPyConnection) -> None:
    assert _one(connection, "aqi_hourly(NULL, 1, 1, 1, 1, 1, 1)")["aqi"] is None


def test_it_works_over_many_vectors_and_both_editions(connection: duckdb.DuckDBPyConnection) -> None:
    sql = """
    SELECT (index).edition, count(*), max((index).aqi)
    FROM (SELECT aqi_hourly(TIMESTAMPTZ '2026-02-01 00:00:00+08' + i * INTERVAL 10 MINUTE, 1, 1, 1, 1, 1, 60) AS index
          FROM range(10000) AS t(i))
    GROUP BY 1 ORDER BY 1
    """
    assert connection.execute(sql).fetchall() == [("HJ 633-2012", 4032, 82), ("HJ 633-2026", 5968, 100)]


def _one(connection: duckdb.DuckDBPyConnection, call: str) -> dict[str, Any]:
    row = connection.execute(f"SELECT {call}").fetchone()
    assert row is not None
    return dict(row[0])
