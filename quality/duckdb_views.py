"""Parquet files as views of a DuckDB connection that the caller opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def create_parquet_view(connection: DuckDBPyConnection, name: str, files: Sequence[str]) -> Mapping[str, str]:
    """Create or replace the view ``name`` over the Parquet ``files`` (at least one). Return column → DuckDB type.

    Files on an object store need a connection on which its file system is registered.
    """
    listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    # No Hive partitioning: the day in the path is derived from a column of the files.
    # SQL instead of a relation: a relation's create_view holds the GIL, and reads through fsspec need it (deadlock).
    select = f"FROM read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"
    connection.execute(f"CREATE OR REPLACE VIEW {quote_column(name)} AS {select}")
    return {row[0]: row[1] for row in connection.execute(f"DESCRIBE {quote_column(name)}").fetchall()}


def quote_column(column: str) -> str:
    """Return the column name quoted for SQL."""
    return '"' + column.replace('"', '""') + '"'
