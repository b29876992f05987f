"""SQL over the ledger. Reads the files named in the Delta logs, so DuckDB needs no Delta extension."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from deltalake import Schema

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger.ledger_store import LEDGER_TABLES
from citylake.pipelines.marts.make.delta_views import create_delta_view
from citylake.pipelines.marts.make.duckdb_types import duckdb_type
from citylake.pipelines.marts.make.mart_engine import open_mart_duckdb, sql_identifier
from citylake.pipelines.read.mart_reader import run_mart_sql

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LEDGER_DATABASE = "ledger"


def query_ledger(lake: Lake, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Columns and rows of ``sql`` over the ledger's tables, times in UTC. Raises QUERY_FAILED, QUERY_EMPTY."""
    with open_mart_duckdb(lake, "UTC") as connection:
        for name, module in LEDGER_TABLES.items():
            shape = {field.name: duckdb_type(field.type) for field in Schema.from_arrow(module.SCHEMA).fields}
            if re.search(rf"\b{name}\b", sql, re.IGNORECASE):
                _create_ledger_view(connection, lake, name, shape)
            else:  # to be listed and described, but not worth reading
                columns = ", ".join(f"{sql_identifier(column)} {kind}" for column, kind in shape.items())
                connection.execute(f"CREATE TABLE {sql_identifier(name)} ({columns})")
        connection.execute("SET enable_external_access = false")
        return run_mart_sql(connection, LEDGER_DATABASE, sql)


def _create_ledger_view(connection: DuckDBPyConnection, lake: Lake, name: str, shape: Mapping[str, str]) -> None:
    create_delta_view(connection, lake, ("stored", name), lake.ledger(name), shape, None, None)
    connection.execute(f"CREATE TABLE {sql_identifier(name)} AS FROM {sql_identifier('stored', name)}")
    connection.execute("DROP SCHEMA stored CASCADE")
