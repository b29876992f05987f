"""The DuckDB instance that builds marts: bounded memory, the workspace's time zone, the SQL functions."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import cached_property
from typing import Self

import duckdb

from citylake.pipelines.blocks.memory_budget import Budget
from citylake.pipelines.lake.duckdb_connection import NO_AUTOINSTALL, register_lake_filesystem
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.private_folder import scratch_folder
from citylake.pipelines.marts.functions.function_api import WorkdayTest, register_mart_functions
from citylake.pipelines.marts.functions.workspace_days import workspace_days
from citylake.pipelines.marts.make.spatial_extension import load_spatial_extension
from citylake.schemas.read.workspace import Workspace
from citylake.schemas.sql.spatial_names import uses_spatial_functions

ROOM = "_room"
"""Name of the temporary database; no dataset can have this name."""
_FILE_SCHEME = "file://"


class MartEngine:
    """One DuckDB instance per mart, started on first use. It spills to disk above ``memory_limit``.

    It reads and writes files of the lake's ``zones`` and of :attr:`folder`, and no others.
    """

    def __init__(
        self,
        lake: Lake,
        timezone: str,
        memory_limit: str | None = None,
        zones: Sequence[str] = ("standard", "curated", "marts"),
        is_workday: WorkdayTest | None = None,
    ) -> None:
        self._lake, self._timezone, self._limit = lake, timezone, memory_limit or Budget().engine
        self._zones, self._is_workday = zones, is_workday
        self._held = ExitStack()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._spatial = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()
        self._connection = None

    @contextmanager
    def room(self, select: str = "") -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield the connection with an empty database. It and all attached databases are dropped afterwards.

        ``select``: SQL that will run, with the extension that its functions need.
        """
        if uses_spatial_functions(select) and not self._spatial:
            self._restart_with_spatial()
        connection = self._connection = self._connection or self._started()
        connection.execute(f"ATTACH ':memory:' AS {ROOM}; USE {ROOM}")
        try:
            yield connection
        finally:
            drop_temporary(connection)

    @cached_property
    def folder(self) -> str:
        """A temporary folder that SQL can read and write; it is deleted with the engine."""
        return self._held.enter_context(scratch_folder())

    def _restart_with_spatial(self) -> None:
        """An engine that is confined to the lake loads no extension any more."""
        if self._connection:
            self._connection.close()
        self._connection, self._spatial = None, True

    def _started(self) -> duckdb.DuckDBPyConnection:
        connection = self._held.enter_context(duckdb.connect())
        connection.execute(f"SET memory_limit = '{self._limit}'; SET temp_directory = '{self.folder}'")
        connection.execute(f"SET preserve_insertion_order = false; SET TimeZone = '{self._timezone}'")
        # Write commits directly to the database file, not to the write-ahead log first.
        connection.execute("SET checkpoint_threshold = '0KB'")
        connection.execute(NO_AUTOINSTALL)
        if self._spatial:
            load_spatial_extension(connection)
        register_lake_filesystem(connection, self._lake)
        register_mart_functions(connection, self._timezone, self._is_workday)
        confine_files(connection, [self.folder, *(self._lake.path(zone) for zone in self._zones)])
        return connection


def confine_files(connection: duckdb.DuckDBPyConnection, folders: Sequence[str]) -> None:
    """Let SQL of the connection read and write files below ``folders`` only, for good."""
    places = {place for folder in folders for place in _folder_spellings(folder)}
    listed = ", ".join(map(sql_literal, sorted(places)))
    connection.execute(f"SET allowed_directories = [{listed}]; SET enable_external_access = false")
    connection.execute("SET allowed_configs = ['threads']; SET lock_configuration = true")


def _folder_spellings(folder: str) -> set[str]:
    """A folder as it is written, absolute, and without links: DuckDB compares texts."""
    if folder.startswith(_FILE_SCHEME):
        # A Delta log names the files of such a lake by their paths.
        return {folder, *_folder_spellings(folder.removeprefix(_FILE_SCHEME))}
    if "://" in folder:
        return {folder}
    return {folder, os.path.abspath(folder), os.path.realpath(folder)}


def drop_temporary(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop every database of the connection that is not its own."""
    with suppress(duckdb.Error):
        connection.execute("ROLLBACK")
    connection.execute("USE memory; RESET threads")
    held = "SELECT database_name FROM duckdb_databases() WHERE NOT internal AND database_name <> 'memory'"
    for (name,) in connection.execute(held).fetchall():
        connection.execute(f"DETACH {sql_identifier(name)}")


@contextmanager
def open_mart_duckdb(lake: Lake, timezone: str, memory_limit: str | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a DuckDB instance of its own, and yield its connection with an empty database."""
    with MartEngine(lake, timezone, memory_limit) as engine, engine.room() as connection:
        yield connection


def mart_engine(lake: Lake, workspace: Workspace, memory_limit: str | None = None) -> MartEngine:
    """An engine with the time zone and the calendar of ``workspace``, for the SQL of its marts."""
    return MartEngine(lake, workspace.settings.timezone, memory_limit, is_workday=workspace_days(workspace))


@contextmanager
def shared_engine(engine: MartEngine | None, lake: Lake, workspace: Workspace) -> Iterator[MartEngine]:
    """Yield ``engine``, or a new one that is closed afterwards if it is None."""
    if engine:
        yield engine
        return
    with mart_engine(lake, workspace) as own:
        yield own


def sql_identifier(*names: str) -> str:
    """Return a name of one or more parts, quoted as an SQL identifier."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def sql_literal(text: object) -> str:
    """Return a text quoted as an SQL literal."""
    return "'" + str(text).replace("'", "''") + "'"
