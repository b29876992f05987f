"""Cells of one table that differ, one by one, with their causes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from citylake.pipelines.history.diff.cause_cells import cells_sql, links_of
from citylake.pipelines.history.diff.compare_tables import NEW, NUMBER, OLD, STATUS, PairedTable
from citylake.pipelines.history.diff.diff_result import CellChange
from citylake.pipelines.marts.make.mart_engine import sql_identifier

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_ROWS = 10_000
"""Cells that are fetched at a time."""


def changed_cells(
    connection: DuckDBPyConnection, paired: PairedTable, numbers: Mapping[int, int], limit: int | None = None
) -> Iterator[CellChange]:
    """Yield the changed cells in the order of the grain; ``numbers``: cause → its number in the result."""
    keys = ", ".join(f"r.{sql_identifier(name)}" for name in paired.shown_key)
    order = ", ".join(f"r.{sql_identifier(name)}" for name in paired.key)
    columns = {name: place for place, name in enumerate(paired.columns)}
    bound = "" if limit is None else f" LIMIT {limit}"
    # The cells are chosen before their causes are looked up: there may be millions.
    cells = (
        f"SELECT u.{NUMBER}, u.name, row_number() OVER (ORDER BY {order}, u.name) AS place FROM ({cells_sql(paired)}) u"
        f" JOIN {paired.name} r USING ({NUMBER}) ORDER BY place{bound}"
    )
    caused = (
        f"SELECT {NUMBER}, name, list(cause) AS causes FROM {links_of(paired)}"
        f" SEMI JOIN cells USING ({NUMBER}, name) GROUP BY ALL"
    )
    found = connection.execute(
        f"WITH cells AS MATERIALIZED ({cells}), caused AS ({caused})"
        f" SELECT u.name, r.{STATUS}, r.{OLD}, r.{NEW}, l.causes, {keys or 'NULL'} FROM cells u"
        f" JOIN {paired.name} r USING ({NUMBER}) JOIN caused l USING ({NUMBER}, name) ORDER BY u.place"
    )
    while rows := found.fetchmany(_ROWS):
        for name, status, old, new, causes, *key in rows:
            named = dict(zip(paired.shown_key, key, strict=False))
            told = tuple(sorted(numbers[cause] for cause in causes))
            before, after = (_value(row, name, columns) for row in (old, new))
            yield CellChange(paired.table, status, named, name, before, after, told)


def _value(row: Mapping[str, Any] | None, name: str, columns: Mapping[str, int]) -> Any:
    """A cell's value, or the compared values of a whole row."""
    if row is None:
        return None
    return row[name] if name else {each: row[each] for each in columns}
