"""From one row of a mart back to the rows of standard tables it was made from, through other marts if need be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from citylake.pipelines.history.trace.curated_rows import read_curated_row
from citylake.pipelines.history.trace.row_key import complete_key, known_column, parse_row_key
from citylake.pipelines.history.trace.shown_row import read_shown_row
from citylake.pipelines.history.trace.trace_levels import LevelTracer
from citylake.pipelines.history.trace.trace_model import RowTrace
from citylake.pipelines.history.trace.traced_version import curated_version, find_version
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.marts.make.mart_engine import mart_engine
from citylake.schemas.base.fuzzy_match import nearest_words
from citylake.schemas.model.mart import MartTable
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError


def trace_row(
    lake: Lake,
    registry: Registry,
    mart: str,
    table: str,
    key: Mapping[str, Any] | Sequence[str],
    column: str | None = None,
    version: str | None = None,
) -> RowTrace:
    """Trace one row of a published mart to its standard rows.

    ``key``: the values of the grain's columns by name, or words as the command takes them. ``column``: trace its value
    alone; of the rest of the row, nothing is looked for. ``version``: of the mart; None: the current one. The caller
    records the access. Every level says whether its SELECT makes the same values of the rows that were found alone.

    Raises MART_UNKNOWN, TRACE_TABLE_UNKNOWN, MART_NOT_PUBLISHED, MART_CLOSED, TRACE_VERSION_UNKNOWN, TRACE_ROW_UNKNOWN
    (with the nearest keys), what :func:`parse_row_key` raises for keys, and MART_COLUMNS_DIFFER.
    """
    declared = declared_table(registry, mart, table)
    where = f"{mart}.{table}"
    if isinstance(key, Mapping):
        words, asked = complete_key(where, declared, key), known_column(where, declared, column)
    else:
        words, asked = parse_row_key(where, declared, key, column)
    found, pointer = find_version(lake, Ledger(lake), mart, version)
    with mart_engine(lake, registry.workspace) as engine:
        tracer = LevelTracer(lake, registry, engine)
        work = tracer.work(mart, table)
        wanted = curated_version(lake, mart, table, found)
        at = tracer.readable(work, wanted)
        rows = read_curated_row(engine, work, at, words)
        columns = tuple(declared.columns) if asked is None else tuple(dict.fromkeys((*declared.grain, asked)))
        levels = tuple(tracer.levels(work, at, rows, columns, found.inputs))
        shown, hidden = read_shown_row(lake, work, found, pointer, rows, words)
    replaced = None if at == wanted else (wanted, at)
    return RowTrace(mart, table, found.version, words, asked, shown, hidden, levels, replaced)


def declared_table(registry: Registry, mart: str, table: str) -> MartTable:
    """Return the declaration. Raises MART_UNKNOWN and TRACE_TABLE_UNKNOWN."""
    if mart not in registry.marts:
        raise CitylakeError("MART_UNKNOWN", mart=mart, known=", ".join(sorted(registry.marts)) or "—")
    tables = registry.marts[mart].tables
    if table not in tables:
        near = ", ".join(nearest_words(table, tables) or tables)
        raise CitylakeError("TRACE_TABLE_UNKNOWN", mart=mart, table=table, suggestion=near)
    return tables[table]
