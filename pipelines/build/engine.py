"""The DuckDB connection that marts are built in: bounded memory, the workspace's time zone, the functions."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from pipelines.blocks.budget import Budget
from pipelines.build.functions import register
from pipelines.lake import Lake
from quality.duck import NOTHING_FETCHED


@contextmanager
def opened(lake: Lake, timezone: str, memory_limit: str | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory database that spills to a temporary folder past ``memory_limit``."""
    limit = memory_limit or Budget().engine
    with tempfile.TemporaryDirectory(prefix="citylake-build-") as spill:
        connection = duckdb.connect()
        try:
            connection.execute(f"SET memory_limit = '{limit}'; SET temp_directory = '{spill}'")
            connection.execute(f"SET preserve_insertion_order = false; SET TimeZone = '{timezone}'")
            connection.execute(NOTHING_FETCHED)
            if not lake.local:
                # DuckDB's own way to object stores is an extension that would have to be downloaded.
                connection.register_filesystem(lake.fs)
            register(connection, timezone)
            yield connection
        finally:
            connection.close()


def quoted(*names: str) -> str:
    """A name of one or more parts as SQL."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def literal(text: object) -> str:
    """A text as SQL."""
    return "'" + str(text).replace("'", "''") + "'"
