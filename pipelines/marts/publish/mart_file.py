"""Writes the content of a published file: the tables, and comments on tables and columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING

import duckdb

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.explain.info_table import both_languages
from citylake.pipelines.marts.make.delta_views import create_curated_view
from citylake.pipelines.marts.make.mart_engine import sql_identifier, sql_literal
from citylake.pipelines.marts.publish.previous_version import PreviousVersion
from citylake.pipelines.marts.suppress.suppressed_tables import (
    find_hidden_rows,
    flag_comments,
    write_suppressed_tables,
)
from citylake.schemas.model.mart import Mart, MartColumn
from citylake.schemas.read.registry import Registry

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_ROW_GROUP = 122_880
"""Rows in a DuckDB row group, the unit of storage and parallelism."""
_SMALL_BLOCK = 16_384
"""Bytes of a block in a small file. Each table takes at least one block, and DuckDB's own have 262,144 bytes."""


def attach_new_file(connection: DuckDBPyConnection, path: str, rows: int) -> None:
    """Attach the new file at ``path`` as ``out``; one for few ``rows`` has small blocks."""
    blocks = f" (BLOCK_SIZE {_SMALL_BLOCK})" if rows <= _ROW_GROUP else ""
    connection.execute(f"ATTACH IF NOT EXISTS {sql_literal(path)} AS out{blocks}")


def copy_curated_tables(
    connection: DuckDBPyConnection,
    mart: Mart,
    registry: Registry,
    lake: Lake,
    versions: Mapping[str, int],
    path: str,
    before: PreviousVersion | None = None,
) -> dict[str, int]:
    """Copy every curated table into the new file at ``path``, the database ``out``, sorted by its grain.

    Return table → rows.

    ``versions``: table → Delta version to copy, because another run may replace one of the tables in the meantime.
    Rows of unchanged days are copied from the version ``before``. If the row counts then differ from the curated
    tables, everything is copied from the curated tables. All is written in one transaction, which is left open.
    """
    if before:
        with suppress(duckdb.Error, OSError):
            before.attach(connection)
            rows, expected = _copy_tables(connection, mart, registry, lake, versions, path, before)
            if rows == expected:
                return rows
        with suppress(duckdb.Error):
            connection.execute("ROLLBACK")
    return _copy_tables(connection, mart, registry, lake, versions, path, None)[0]


def _copy_tables(
    connection: DuckDBPyConnection,
    mart: Mart,
    registry: Registry,
    lake: Lake,
    versions: Mapping[str, int],
    path: str,
    before: PreviousVersion | None,
) -> tuple[dict[str, int], dict[str, int]]:
    """Return table → rows copied, and table → rows according to the log of the curated table."""
    selects, expected = {}, {}
    for name, table in mart.tables.items():
        days = before.changed(name) if before else None
        source = ("source", name)
        logged = create_curated_view(
            connection, lake, registry, (mart.mart, name), source, days, once=True, version=versions[name]
        )
        expected[name] = logged.count() if logged else 0
        selects[name] = f"SELECT {', '.join(map(sql_identifier, table.columns))} FROM {sql_identifier('source', name)}"
        if before and days is not None:
            selects[name] += f" UNION ALL {before.rest(name, days)}"
    if sum(expected.values()) <= _ROW_GROUP:
        # One row group cannot be split among threads, so more threads add overhead only.
        connection.execute("SET threads = 1")
    attach_new_file(connection, path, sum(expected.values()))
    # One transaction, because every commit waits for the disk.
    connection.execute("BEGIN")
    for name, table in mart.tables.items():
        grain = ", ".join(map(sql_identifier, table.grain))
        connection.execute(f"CREATE TABLE {sql_identifier('out', name)} AS {selects[name]} ORDER BY {grain}")
    for comment in comment_statements(mart, registry):
        connection.execute(comment)
    return {name: _count(connection, name) for name in mart.tables}, expected


def copy_without_small_counts(connection: DuckDBPyConnection, mart: Mart, registry: Registry) -> None:
    """Copy the tables of the database ``exact`` into ``out`` without what the mart hides. Leaves a transaction open.

    Raises DISCLOSURE_EXTRA_MISSING, SMALL_CELLS_NOT_COUNTS, SMALL_CELLS_NOT_ADDITIVE and SMALL_CELLS_UNPROTECTED.
    """
    write_suppressed_tables(connection, mart, find_hidden_rows(connection, mart))
    flags = (flag_comments(name, table.suppress) for name, table in mart.tables.items() if table.suppress)
    for comment in (*comment_statements(mart, registry), *chain.from_iterable(flags)):
        connection.execute(comment)


def _count(connection: DuckDBPyConnection, table: str) -> int:
    found = connection.execute(f"SELECT count(*) FROM {sql_identifier('out', table)}").fetchone()
    return int(found[0]) if found else 0


def comment_statements(mart: Mart, registry: Registry) -> Iterator[str]:
    """Yield COMMENT statements with the meaning of each table and column."""
    for name, table in mart.tables.items():
        yield f"COMMENT ON TABLE {sql_identifier('out', name)} IS {sql_literal(both_languages(table.title))}"
        for column, meaning in table.columns.items():
            comment = sql_literal(_column_comment(meaning, registry))
            yield f"COMMENT ON COLUMN {sql_identifier('out', name, column)} IS {comment}"


def _column_comment(column: MartColumn, registry: Registry) -> str:
    """Return the column's own text, then the element's name, definition, unit and id."""
    own = [both_languages(column.text)] if column.text else []
    if not column.element:
        return "; ".join(own)
    element = registry.elements[column.element]
    unit = [f"[{element.unit}]"] if element.unit else []
    return "; ".join([*own, both_languages(element.name), both_languages(element.definition), *unit, element.id])
