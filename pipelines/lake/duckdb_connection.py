"""DuckDB over the files of a lake: bounded memory, no downloads."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.private_folder import scratch_folder

NO_AUTOINSTALL = "SET autoinstall_known_extensions = false"
"""All required extensions are installed with the package. For any other, DuckDB would try to download it."""


@contextmanager
def open_lake_duckdb(
    lake: Lake, memory_limit: str | None = None, name: str = ""
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an in-memory database that reads the lake's files and spills to a temporary folder above ``memory_limit``.

    ``memory_limit``: DuckDB's notation (``1GB``); default ``CITYLAKE_MEMORY``, else 1GB. With a ``name``, other code in
    this process can connect to the database as ``:memory:<name>`` while it is open.
    """
    limit = memory_limit or os.environ.get("CITYLAKE_MEMORY") or "1GB"
    with scratch_folder() as spill:
        connection = duckdb.connect(f":memory:{name}")
        try:
            connection.execute(f"SET memory_limit = '{limit}'; SET temp_directory = '{spill}'")
            connection.execute(f"SET preserve_insertion_order = false; {NO_AUTOINSTALL}")
            register_lake_filesystem(connection, lake)
            yield connection
        finally:
            connection.close()


def register_lake_filesystem(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """Let the connection read an object store through fsspec: DuckDB's own client is an extension to download."""
    if not lake.local:
        from citylake.pipelines.lake.object_store import open_filesystem

        connection.register_filesystem(open_filesystem(lake.url, lake.storage_options, remembering=True))
