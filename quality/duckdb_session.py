"""Parquet files as views of one DuckDB connection, with bounded memory."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import duckdb

NO_AUTOINSTALL = "SET autoinstall_known_extensions = false"
"""What is needed is in DuckDB's own wheel; for anything else it would ask the network, and wait where there is none."""


@contextmanager
def open_duckdb(memory_limit: str | None = None, name: str = "") -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory database that spills to a temporary folder past ``memory_limit`` (``CITYLAKE_MEMORY``, 1GB).

    Others in this process reach a database with a ``name`` as ``:memory:<name>`` while it is open.
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
    """Make ``files`` (at least one) the view ``name``; its columns and their DuckDB types."""
    _register_filesystem(connection, files[0], storage_options)
    listed = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    # The partition in the path is a day made from a column that the files hold, so it is never asked for.
    # SQL and not a relation: a relation's create_view keeps the GIL, which files read through fsspec wait for.
    select = f"FROM read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"
    connection.execute(f"CREATE OR REPLACE VIEW {quote_column(name)} AS {select}")
    return {row[0]: row[1] for row in connection.execute(f"DESCRIBE {quote_column(name)}").fetchall()}


def _register_filesystem(connection: duckdb.DuckDBPyConnection, path: str, options: Mapping[str, str] | None) -> None:
    """Object stores are read through fsspec, because DuckDB's own way needs an extension to be downloaded."""
    if "://" not in path:
        return
    from citylake.quality.object_store import open_filesystem

    protocol = path.split("://", 1)[0]
    if not connection.filesystem_is_registered(protocol):
        connection.register_filesystem(open_filesystem(path, options))


def quote_column(column: str) -> str:
    """A column's name as SQL."""
    return '"' + column.replace('"', '""') + '"'
