"""Parquet files as views of one DuckDB connection, with bounded memory."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import duckdb

NO_AUTOINSTALL = "SET autoinstall_known_extensions = false"
"""All required extensions are installed with the package. For any other, DuckDB would try to download it."""


@contextmanager
def open_duckdb(memory_limit: str | None = None, name: str = "") -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an in-memory database that spills to a temporary folder above ``memory_limit``.

    ``memory_limit``: DuckDB's notation (``1GB``); default ``CITYLAKE_MEMORY``, else 1GB. With a ``name``, other code in
    this process can connect to the database as ``:memory:<name>`` while it is open.
    """
    limit = memory_limit or os.environ.get("CITYLAKE_MEMORY") or "1GB"
    with tempfile.TemporaryDirectory(prefix="citylake-quality-") as spill:
        connection = duckdb.connect(f":memory:{name}")
        try:
            connection.execute(f"SET memory_limit = '{limit}'; SET temp_directory = '{spill}'")
            connection.execute(f"SET preserve_insertion_order = false; {NO_AUTOINSTALL}")
            yield connection
        finally:
            connection.close()


def create_parquet_view(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    files: Sequence[str],
    storage_options: Mapping[str, str] | None = None,
) -> Mapping[str, str]:
    """Create or replace the view ``name`` over the Parquet ``files`` (at least one). Return column → DuckDB type."""
    _register_filesystem(connection, files[0], storage_options)
    listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    # No Hive partitioning: the day in the path is derived from a column of the files.
    # SQL instead of a relation: a relation's create_view holds the GIL, and reads through fsspec need it (deadlock).
    select = f"FROM read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"
    connection.execute(f"CREATE OR REPLACE VIEW {quote_column(name)} AS {select}")
    return {row[0]: row[1] for row in connection.execute(f"DESCRIBE {quote_column(name)}").fetchall()}


def _register_filesystem(connection: duckdb.DuckDBPyConnection, path: str, options: Mapping[str, str] | None) -> None:
    """Register fsspec for an object store, because DuckDB's own client is an extension that must be downloaded."""
    if "://" not in path:
        return
    from citylake.quality.object_store import open_filesystem

    protocol = path.split("://", 1)[0]
    if not connection.filesystem_is_registered(protocol):
        connection.register_filesystem(open_filesystem(path, options))


def quote_column(column: str) -> str:
    """Return the column name quoted for SQL."""
    return '"' + column.replace('"', '""') + '"'
