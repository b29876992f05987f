"""Writes the content of a published file: the tables, comments on tables and columns, and provenance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING

import duckdb

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.gate.allowances import read_allowances
from citylake.pipelines.marts.make.delta_views import create_curated_view
from citylake.pipelines.marts.make.mart_builder import MartBuild
from citylake.pipelines.marts.make.mart_engine import sql_identifier, sql_literal
from citylake.pipelines.marts.make.mart_plan import plan_mart_tables
from citylake.pipelines.marts.meaning.declared_facts import facts_of_table
from citylake.pipelines.marts.meaning.stored_meaning import meaning_json
from citylake.pipelines.marts.publish.previous_version import PreviousVersion
from citylake.pipelines.marts.suppress.suppressed_tables import (
    find_hidden_rows,
    flag_comments,
    write_suppressed_tables,
)
from citylake.pipelines.records import DataGap
from citylake.schemas.base.declaration import LocalizedText
from citylake.schemas.model.mart import Mart, MartColumn
from citylake.schemas.read.registry import Registry

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

INFO_TABLE, INCOMPLETE_TABLE = "_mart", "_incomplete"
_ROW_GROUP = 122_880
"""Rows in a DuckDB row group, the unit of storage and parallelism."""


def copy_curated_tables(
    connection: DuckDBPyConnection,
    mart: Mart,
    registry: Registry,
    lake: Lake,
    versions: Mapping[str, int],
    before: PreviousVersion | None = None,
) -> dict[str, int]:
    """Copy every curated table into the database ``out``, sorted by its grain. Return table → rows.

    ``versions``: table → Delta version to copy, because another run may replace one of the tables in the meantime.
    Rows of unchanged days are copied from the version ``before``. If the row counts then differ from the curated
    tables, everything is copied from the curated tables. All is written in one transaction, which is left open.
    """
    if before:
        with suppress(duckdb.Error, OSError):
            before.attach(connection)
            rows, expected = _copy_tables(connection, mart, registry, lake, versions, before)
            if rows == expected:
                return rows
        with suppress(duckdb.Error):
            connection.execute("ROLLBACK")
    return _copy_tables(connection, mart, registry, lake, versions, None)[0]


def _copy_tables(
    connection: DuckDBPyConnection,
    mart: Mart,
    registry: Registry,
    lake: Lake,
    versions: Mapping[str, int],
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
        yield f"COMMENT ON TABLE {sql_identifier('out', name)} IS {sql_literal(_bilingual_comment(table.title))}"
        for column, meaning in table.columns.items():
            comment = sql_literal(_column_comment(meaning, registry))
            yield f"COMMENT ON COLUMN {sql_identifier('out', name, column)} IS {comment}"


def _column_comment(column: MartColumn, registry: Registry) -> str:
    """Return the column's own text, then the element's name, definition, unit and id."""
    own = [_bilingual_comment(column.text)] if column.text else []
    if not column.element:
        return "; ".join(own)
    element = registry.elements[column.element]
    unit = [f"[{element.unit}]"] if element.unit else []
    return "; ".join(
        [*own, _bilingual_comment(element.name), _bilingual_comment(element.definition), *unit, element.id]
    )


def _bilingual_comment(text: LocalizedText) -> str:
    return f"{text.zh} / {text.en}"


def write_mart_info(
    connection: DuckDBPyConnection, mart: Mart, registry: Registry, built: MartBuild, version: str, at: datetime
) -> None:
    """Add the table ``_mart``: one row with the version, its inputs, the editions of indices used, what is allowed, and
    what its columns mean, by which queries are checked.

    Also adds the table ``_incomplete``.
    """
    # Literals instead of parameters: DuckDB imports pandas, if installed, to inspect the parameters of a statement.
    inputs = ", ".join(f"{sql_literal(name)}: {number}" for name, number in sorted(built.inputs.items()))
    editions = ", ".join(map(sql_literal, _editions(connection, mart)))
    allowed = ", ".join(map(sql_literal, _allowed(mart, registry)))
    meaning = meaning_json({name: facts_of_table((name,), mart, registry) for name in mart.tables})
    texts = [mart.mart, mart.title.zh, mart.title.en, version, at.isoformat()]
    table = sql_identifier("out", INFO_TABLE)
    connection.execute(
        f"CREATE TABLE {table} (mart VARCHAR, title_zh VARCHAR, title_en VARCHAR, version VARCHAR, "
        "built_at TIMESTAMPTZ, inputs MAP(VARCHAR, BIGINT), editions VARCHAR[], fingerprint VARCHAR, "
        "allowed VARCHAR[], meaning VARCHAR)"
    )
    connection.execute(
        f"INSERT INTO {table} VALUES ({', '.join(map(sql_literal, texts))}, MAP {{{inputs}}}, "
        f"[{editions}], {sql_literal(built.fingerprint)}, [{allowed}], {sql_literal(meaning)})"
    )
    words = "这个版本的来历 / where this version comes from"
    connection.execute(f"COMMENT ON TABLE {sql_identifier('out', INFO_TABLE)} IS {sql_literal(words)}")
    _write_gaps(connection, built.gaps)


def _write_gaps(connection: DuckDBPyConnection, gaps: Iterable[DataGap]) -> None:
    """Add the table ``_incomplete``: spans of days for which a department delivered no rows."""
    table = sql_identifier("out", INCOMPLETE_TABLE)
    connection.execute(f"CREATE TABLE {table} (department VARCHAR, dataset VARCHAR, day_from DATE, day_to DATE)")
    for gap in gaps:
        for first, last in gap.days:
            texts = (gap.department, gap.dataset, first.isoformat(), last.isoformat())
            connection.execute(f"INSERT INTO {table} VALUES ({', '.join(map(sql_literal, texts))})")
    words = "缺少数据的日期 / days without the rows of a department"
    connection.execute(f"COMMENT ON TABLE {table} IS {sql_literal(words)}")


def _allowed(mart: Mart, registry: Registry) -> Iterator[str]:
    """What the authors of the SELECTs allow, with the reasons: ``region_day.sql:12 MEAN because …``."""
    for plan in plan_mart_tables(mart, registry).values():
        for each in read_allowances(plan.sql):
            yield f"{plan.file.name}:{each.line} {each.word} because {each.why}"


def _editions(connection: DuckDBPyConnection, mart: Mart) -> list[str]:
    """Return every edition of a standard in the rows, from the columns ``…_edition``."""
    found: set[str] = set()
    for name, table in mart.tables.items():
        for column in (each for each in table.columns if each.endswith("_edition")):
            rows = connection.execute(
                f"SELECT DISTINCT {sql_identifier(column)} FROM {sql_identifier('out', name)}"
            ).fetchall()
            found |= {str(value) for (value,) in rows if value is not None}
    return sorted(found)
