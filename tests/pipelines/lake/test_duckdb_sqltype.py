"""What a calling program does with DuckDB's default connection is no matter to marts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from citylake.pipelines.lake.duckdb_sqltype import duckdb_sqltype
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.make.mart_engine import MartEngine
from citylake.pipelines.marts.make.stored_types import stored_duckdb_type


@pytest.fixture
def _aborted() -> Iterator[None]:
    """The default connection has an aborted transaction, in which nothing works."""
    ours = duckdb.default_connection()
    ours.execute("BEGIN")
    with pytest.raises(duckdb.InvalidInputException):
        ours.execute("SELECT error('no')")
    yield
    ours.execute("ROLLBACK")


@pytest.mark.usefixtures("_aborted")
def test_an_aborted_transaction_there_stops_no_mart(tmp_path: Path) -> None:
    with pytest.raises(duckdb.TransactionException):
        duckdb.default_connection().execute("SELECT 1")
    assert str(duckdb_sqltype("STRUCT(a INTEGER)")) == "STRUCT(a INTEGER)"
    assert stored_duckdb_type("HUGEINT[7]") == "BIGINT[]"
    engine = MartEngine(Lake(str(tmp_path)), "Asia/Shanghai", "256MB", is_workday=lambda day: day.weekday() < 5)
    with engine, engine.room() as connection:
        found = connection.execute("SELECT working_days(DATE '2026-03-02', DATE '2026-03-09')").fetchone()
    assert found == (5,)


def test_a_name_of_no_type_is_an_error() -> None:
    with pytest.raises(duckdb.Error):
        duckdb_sqltype("NO_SUCH_TYPE")
