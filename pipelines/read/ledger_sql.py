"""SQL over the ledger. Reads the files named in the Delta logs, so DuckDB needs no Delta extension."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import polars as pl

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger.ledger_store import LEDGER_TABLES, LedgerStore
from citylake.pipelines.marts.make.mart_engine import MartEngine, sql_identifier, sql_literal
from citylake.pipelines.read.mart_reader import query_frame, run_mart_sql
from citylake.pipelines.read.query_gate import check_query
from citylake.pipelines.read.query_limits import QueryLimits

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LEDGER_DATABASE = "ledger"


def query_ledger(lake: Lake, sql: str, limits: QueryLimits | None = None) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Columns and rows of ``sql`` over the ledger's tables, times in UTC, within ``limits``.

    Raises QUERY_NOT_ALLOWED, QUERY_FAILED, QUERY_EMPTY, QUERY_TIMED_OUT and QUERY_OUT_OF_MEMORY.
    """
    limits = limits or QueryLimits()
    with _open_ledger(lake, sql, f"{limits.memory}B") as connection:
        return run_mart_sql(connection, LEDGER_DATABASE, sql, limits)


def ledger_frame(lake: Lake, sql: str) -> pl.DataFrame:
    """The same as a frame, times as Datetime in UTC, intervals as Duration."""
    with _open_ledger(lake, sql) as connection:
        return query_frame(connection, LEDGER_DATABASE, sql)


@contextmanager
def _open_ledger(lake: Lake, sql: str, memory: str | None = None) -> Iterator[DuckDBPyConnection]:
    """A database with the ledger's tables; those that ``sql`` does not name are empty."""
    check_query(LEDGER_DATABASE, sql)
    store = LedgerStore(lake)
    with MartEngine(lake, "UTC", memory, zones=()) as engine, engine.room() as connection:
        for name, module in LEDGER_TABLES.items():
            # A table that the statement does not name is created empty, so that it can be listed and described.
            named = re.search(rf"\b{name}\b", sql, re.IGNORECASE)
            rows = store.scan(name) if named else pl.LazyFrame(schema=module.SCHEMA)
            # By way of a file: neither polars nor DuckDB then holds the whole table in memory.
            file = f"{engine.folder}/{name}.parquet"
            rows.sink_parquet(file, compression="lz4")
            connection.execute(f"CREATE TABLE {sql_identifier(name)} AS FROM {sql_literal(file)}")
        yield connection
