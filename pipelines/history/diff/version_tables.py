"""Attaches the tables of one version of a mart: its published file, or the curated tables as they were then."""

from __future__ import annotations

import json
import os
from datetime import date
from typing import TYPE_CHECKING, Any

from deltalake.exceptions import DeltaError

from citylake.pipelines.history.diff.mart_versions import MartVersion
from citylake.pipelines.lake.delta_table import open_delta_if_exists
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.make.curated_table import BUILD_NOTE_KEY
from citylake.pipelines.marts.make.delta_views import create_delta_view
from citylake.pipelines.marts.make.mart_engine import MartEngine, sql_identifier, sql_literal
from citylake.schemas.model.mart import Mart
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

BEFORE, AFTER = "_before", "_after"


def attach_version(
    connection: DuckDBPyConnection,
    engine: MartEngine,
    lake: Lake,
    chosen: MartVersion,
    alias: str,
    mart: Mart | None,
) -> bool:
    """Attach the version read-only as ``alias``; return whether it is the published file.

    If the file is gone, the curated tables of that time take its place; not of a mart that hides small counts, because
    they have what the file did not show. Raises DIFF_VERSION_GONE.
    """
    path = f"{lake.mart(chosen.mart)}/{chosen.mart}-{chosen.version}.duckdb"
    if lake.fs.exists(path):
        if not lake.local:
            copy = os.path.join(engine.folder, os.path.basename(path))
            lake.fs.get_file(path, copy)
            path = copy
        connection.execute(f"ATTACH IF NOT EXISTS {sql_literal(path)} AS {alias} (READ_ONLY)")
        return True
    if mart is None or mart.hides_counts or not _attach_curated(connection, lake, chosen, alias, mart):
        raise CitylakeError("DIFF_VERSION_GONE", mart=chosen.mart, version=chosen.version)
    return False


def version_columns(connection: DuckDBPyConnection, alias: str) -> dict[str, dict[str, str]]:
    """Return table → column → DuckDB type. Tables of citylake itself, which begin with ``_``, are left out."""
    rows = connection.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns()"
        f" WHERE database_name = {sql_literal(alias)} AND schema_name = 'main' AND NOT starts_with(table_name, '_')"
        " ORDER BY table_name, column_index"
    ).fetchall()
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in rows:
        found.setdefault(table, {})[column] = kind
    return found


def _attach_curated(connection: DuckDBPyConnection, lake: Lake, chosen: MartVersion, alias: str, mart: Mart) -> bool:
    """Create views of the curated tables as they were when the version was published; False: some are gone."""
    for name, table in mart.tables.items():
        try:
            version = curated_version(lake, chosen, name)
            if version is None:
                return False
            root = lake.curated(mart.mart, name)
            create_delta_view(
                connection, lake, (alias, "main", name), root, {}, table.day, None, once=True, version=version
            )
            connection.execute(f"SELECT count(*) FROM {sql_identifier(alias, 'main', name)}")
        except (DeltaError, OSError, connection_errors()):
            return False
    return True


def curated_version(lake: Lake, chosen: MartVersion, table: str) -> int | None:
    """Return the Delta version of a curated table in a version of its mart; None if the log no longer has it."""
    found = _build_commit(lake, chosen, table)
    return found and found[0]


def waiting_days(lake: Lake, chosen: MartVersion, table: str) -> frozenset[date]:
    """The days of a table that waited for a dataset when the version was built, as far as its log has that build."""
    found = _build_commit(lake, chosen, table)
    return frozenset(date.fromisoformat(day) for day in found[1].get("pending", ())) if found else frozenset()


def _build_commit(lake: Lake, chosen: MartVersion, table: str) -> tuple[int, dict[str, Any]] | None:
    """The Delta version and the note of the build that made a table of a version of its mart."""
    found = open_delta_if_exists(lake, lake.curated(chosen.mart, table))
    if found is None:
        return None
    limit = chosen.published_at.timestamp() * 1000
    for entry in found.history():
        note = json.loads(entry.get(BUILD_NOTE_KEY) or "{}")
        if entry["timestamp"] <= limit and "fingerprint" in note and _agrees(note["versions"], chosen):
            return int(entry["version"]), note
    return None


def _agrees(read: dict[str, int], chosen: MartVersion) -> bool:
    """Whether a build read nothing newer than the version did: a later one could be under way when it was published."""
    return all(at <= chosen.versions.get(name, at) for name, at in read.items())


def connection_errors() -> type[Exception]:
    """The errors of DuckDB, which reads the files of a view when it is used."""
    import duckdb

    return duckdb.Error
