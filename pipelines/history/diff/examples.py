"""Cells of one table that differ, one by one, with their causes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from citylake.pipelines.history.diff.cause_cells import cells_sql, links_of
from citylake.pipelines.history.diff.compare_tables import NEW, NUMBER, OLD, SCHEMA, STATUS, PairedTable
from citylake.pipelines.history.diff.diff_result import CellChange
from citylake.pipelines.marts.make.mart_engine import sql_identifier

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_ORDER = f"{SCHEMA}.cell_order"
_PAGE = 50_000
"""Cells that are in Python's memory at a time."""


def changed_cells(
    connection: DuckDBPyConnection, paired: PairedTable, numbers: Mapping[int, int], limit: int | None = None
) -> Iterator[CellChange]:
    """Yield the changed cells in the order of the grain; ``numbers``: cause → its number in the result."""
    if limit == 0:
        return
    order = ", ".join(f"r.{sql_identifier(name)}" for name in paired.key)
    bound = "" if limit is None else f" LIMIT {limit}"
    # The cells are put in order before values and causes are looked up: there may be millions.
    connection.execute(
        f"CREATE OR REPLACE TABLE {_ORDER} AS SELECT {NUMBER}, name, row_number() OVER () AS place FROM (SELECT"
        f" u.{NUMBER}, u.name FROM ({cells_sql(paired)}) u JOIN {paired.name} r USING ({NUMBER})"
        f" ORDER BY {order}, u.name{bound})"
    )
    first = 1
    while rows := connection.execute(_page_sql(paired, first)).fetchall():
        yield from (_cell(paired, numbers, row) for row in rows)
        first += _PAGE


def _page_sql(paired: PairedTable, first: int) -> str:
    keys = "".join(f", r.{sql_identifier(name)}" for name in paired.shown_key)
    return (
        f"WITH cells AS MATERIALIZED (FROM {_ORDER} WHERE place BETWEEN {first} AND {first + _PAGE - 1}),"
        f" caused AS (SELECT {NUMBER}, name, list(cause) AS causes FROM {links_of(paired)}"
        f"  SEMI JOIN cells USING ({NUMBER}, name) GROUP BY ALL)"
        f" SELECT u.name, r.{STATUS}, r.{OLD}, r.{NEW}, l.causes{keys} FROM cells u"
        f" JOIN {paired.name} r USING ({NUMBER}) JOIN caused l USING ({NUMBER}, name) ORDER BY u.place"
    )


def _cell(paired: PairedTable, numbers: Mapping[int, int], row: tuple[Any, ...]) -> CellChange:
    name, status, old, new, causes, *key = row
    named = dict(zip(paired.shown_key, key, strict=True))
    before, after = (_value(each, name, paired.columns) for each in (old, new))
    return CellChange(
        paired.table, status, named, name, before, after, tuple(sorted(numbers[cause] for cause in causes))
    )


def _value(row: Mapping[str, Any] | None, name: str, columns: Sequence[str]) -> Any:
    """A cell's value, or the compared values of a whole row."""
    if row is None:
        return None
    return row[name] if name else {each: row[each] for each in columns}
