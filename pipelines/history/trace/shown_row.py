"""The traced row as readers of the mart see it: in the published file, where small counts are hidden."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import duckdb

from citylake.pipelines.history.trace.traced_version import TracedVersion
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.make.mart_engine import sql_identifier, sql_literal
from citylake.pipelines.marts.make.table_build import TableBuild
from citylake.pipelines.marts.publish.mart_pointer import Pointer
from citylake.pipelines.read.mart_reader import open_mart
from citylake.schemas.model.suppression import flag_column

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

Shown = tuple[dict[str, Any], tuple[str, ...]]


def read_shown_row(
    lake: Lake, work: TableBuild, found: TracedVersion, pointer: Pointer, exact: pa.Table, key: Mapping[str, str | None]
) -> Shown:
    """Return the row's values, and the columns that are hidden in it.

    ``exact``: the row in the curated table, which is shown if the file is deleted or cannot be opened here; every
    column in which a count can be hidden is then hidden.
    """
    with _opened(lake, work, found, pointer) as connection:
        rows = _rows(connection, work.name, key) if connection else []
    if len(rows) != 1:
        return _without_counts(work, exact.to_pylist()[0])
    (row,) = rows
    rule = work.table.suppress
    flags = {column: bool(row.pop(flag_column(column), False)) for column in (rule.columns if rule else ())}
    also = rule.also if rule and any(flags.values()) else ()
    return row, (*(column for column, hidden in flags.items() if hidden), *also)


def _without_counts(work: TableBuild, row: dict[str, Any]) -> Shown:
    rule = work.table.suppress
    hidden = (*rule.columns, *rule.also) if rule else ()
    return {name: None if name in hidden else value for name, value in row.items()}, hidden


@contextmanager
def _opened(
    lake: Lake, work: TableBuild, found: TracedVersion, pointer: Pointer
) -> Iterator[DuckDBPyConnection | None]:
    if found.version == pointer.version:
        with open_mart(lake, work.mart.mart) as opened:
            yield opened.connection
    elif lake.local and lake.fs.exists(found.file):
        with duckdb.connect(found.file, read_only=True) as connection:
            connection.execute(f"SET TimeZone = {sql_literal(pointer.timezone)}; SET enable_external_access = false")
            yield connection
    else:
        yield None


def _rows(connection: DuckDBPyConnection, table: str, key: Mapping[str, str | None]) -> list[dict[str, Any]]:
    source = sql_identifier(table)
    kinds = {str(name): str(kind) for name, kind, *_ in connection.execute(f"DESCRIBE {source}").fetchall()}
    if not key.keys() <= kinds.keys():
        return []
    conditions = (
        f"{sql_identifier(name)} IS NOT DISTINCT FROM "
        + ("NULL" if text is None else f"CAST({sql_literal(text)} AS {kinds[name]})")
        for name, text in key.items()
    )
    found: list[dict[str, Any]] = (
        connection.execute(f"FROM {source} WHERE {' AND '.join(conditions)}").to_arrow_table().to_pylist()
    )
    return found
