"""The DuckDB that marts are built in: bounded memory, the workspace's time zone, the functions."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Self

import duckdb

from citylake.pipelines.blocks.memory_budget import Budget
from citylake.pipelines.lake.duckdb_connection import NO_AUTOINSTALL, register_lake_filesystem
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.functions.function_api import register_mart_functions

ROOM = "_room"
"""The database of the room; no dataset can be called so."""


class MartEngine:
    """One DuckDB for all that is made of a mart, started when it is first needed; it spills past ``memory_limit``."""

    def __init__(self, lake: Lake, timezone: str, memory_limit: str | None = None) -> None:
        self._lake, self._timezone, self._limit = lake, timezone, memory_limit or Budget().engine
        self._held = ExitStack()
        self._connection: duckdb.DuckDBPyConnection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()
        self._connection = None

    @contextmanager
    def room(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The connection with an empty database; what is made in it, and attached besides, is gone afterwards."""
        connection = self._connection = self._connection or self._started()
        connection.execute(f"ATTACH ':memory:' AS {ROOM}; USE {ROOM}")
        try:
            yield connection
        finally:
            _drop_temporary(connection)

    def _started(self) -> duckdb.DuckDBPyConnection:
        spill = self._held.enter_context(tempfile.TemporaryDirectory(prefix="citylake-build-"))
        connection = self._held.enter_context(duckdb.connect())
        connection.execute(f"SET memory_limit = '{self._limit}'; SET temp_directory = '{spill}'")
        connection.execute(f"SET preserve_insertion_order = false; SET TimeZone = '{self._timezone}'")
        # What is committed to a file goes there at once, not into a log of changes first.
        connection.execute("SET checkpoint_threshold = '0KB'")
        connection.execute(NO_AUTOINSTALL)
        register_lake_filesystem(connection, self._lake)
        register_mart_functions(connection, self._timezone)
        return connection


def _drop_temporary(connection: duckdb.DuckDBPyConnection) -> None:
    with suppress(duckdb.Error):
        connection.execute("ROLLBACK")
    connection.execute("USE memory; RESET threads")
    held = "SELECT database_name FROM duckdb_databases() WHERE NOT internal AND database_name <> 'memory'"
    for (name,) in connection.execute(held).fetchall():
        connection.execute(f"DETACH {sql_identifier(name)}")


@contextmanager
def open_mart_duckdb(lake: Lake, timezone: str, memory_limit: str | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """The one room of an engine of its own."""
    with MartEngine(lake, timezone, memory_limit) as engine, engine.room() as connection:
        yield connection


@contextmanager
def shared_engine(engine: MartEngine | None, lake: Lake, timezone: str) -> Iterator[MartEngine]:
    """``engine``, or one of its own where there is none."""
    if engine:
        yield engine
        return
    with MartEngine(lake, timezone) as own:
        yield own


def sql_identifier(*names: str) -> str:
    """A name of one or more parts as SQL."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def sql_literal(text: object) -> str:
    """A text as SQL."""
    return "'" + str(text).replace("'", "''") + "'"
