"""SQL over the ledger: its tables, read by what their logs name; DuckDB need fetch nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from deltalake import Schema

from pipelines.build.engine import opened, quoted
from pipelines.build.shape import duckdb_type
from pipelines.build.views import view
from pipelines.lake import Lake
from pipelines.ledger.store import TABLES
from pipelines.publish.reader import answer

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LEDGER = "ledger"


def ask(lake: Lake, sql: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Columns and rows of ``sql`` over the ledger's tables, times in UTC. Raises QUERY_FAILED, QUERY_EMPTY."""
    with opened(lake, "UTC") as connection:
        for name, module in TABLES.items():
            shape = {field.name: duckdb_type(field.type) for field in Schema.from_arrow(module.SCHEMA).fields}
            if re.search(rf"\b{name}\b", sql, re.IGNORECASE):
                _read(connection, lake, name, shape)
            else:  # to be listed and described, but not worth reading
                columns = ", ".join(f"{quoted(column)} {kind}" for column, kind in shape.items())
                connection.execute(f"CREATE TABLE {quoted(name)} ({columns})")
        connection.execute("SET enable_external_access = false")
        return answer(connection, LEDGER, sql)


def _read(connection: DuckDBPyConnection, lake: Lake, name: str, shape: Mapping[str, str]) -> None:
    view(connection, lake, ("stored", name), lake.ledger(name), shape, None, None)
    connection.execute(f"CREATE TABLE {quoted(name)} AS FROM {quoted('stored', name)}")
    connection.execute("DROP SCHEMA stored CASCADE")
