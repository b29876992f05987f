"""Values that differ between two readings, by column: how many, by how much, and some of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from citylake.pipelines.trial.pair_rows import RowPairs, quoted
from citylake.pipelines.trial.trial_result import ColumnChange, ValueExample

if TYPE_CHECKING:
    import duckdb

EXAMPLES = 3
MASKED = "●●●"
"""In place of a value that is not open to everyone."""
_EXACT_ROWS = 5_000_000
"""Differences up to which the median is exact; of more, which would have to be in memory, it is approximate."""


def compare_columns(
    connection: duckdb.DuckDBPyConnection, pairs: RowPairs, shown: Collection[str]
) -> tuple[ColumnChange, ...]:
    """The columns with other values, those with most rows first. Values of columns not in ``shown`` are masked."""
    if not pairs.columns:
        return ()
    counts = [
        f"count(*) FILTER (WHERE {differs}), count(*) FILTER (WHERE {differs} AND c.{quoted(name)} IS NULL),"
        f" count(*) FILTER (WHERE {differs} AND t.{quoted(name)} IS NULL)"
        for name, differs in pairs.columns.items()
    ]
    row = connection.execute(f"SELECT {', '.join(counts)} FROM {pairs.joined} WHERE {pairs.both}").fetchone()
    assert row is not None
    found = {name: row[3 * at : 3 * at + 3] for at, name in enumerate(pairs.columns) if row[3 * at]}
    changes = [_describe(connection, pairs, name, count, shown) for name, count in found.items()]
    return tuple(sorted(changes, key=lambda change: (-change.rows, change.column)))


def _describe(
    connection: duckdb.DuckDBPyConnection, pairs: RowPairs, name: str, counts: Any, shown: Collection[str]
) -> ColumnChange:
    rows, emptied, filled = map(int, counts)
    column = quoted(name)
    median = "median" if rows <= _EXACT_ROWS else "approx_quantile"
    last = "" if rows <= _EXACT_ROWS else ", 0.5"
    change = f"(c.{column}::DOUBLE - t.{column}::DOUBLE)"
    sizes = f"min({change}), {median}({change}{last}), max({change})" if name in pairs.types else "NULL, NULL, NULL"
    example = f"[t._receipt || '/' || t._row, t.{column}::VARCHAR, c.{column}::VARCHAR]"
    query = (
        f"SELECT {sizes}, min_by({example}, (t._receipt, t._row), {EXAMPLES})"
        f" FROM {pairs.joined} WHERE {pairs.both} AND {pairs.columns[name]}"
    )
    found = connection.execute(query).fetchone()
    assert found is not None
    *numbers, examples = found
    visible = name in shown or name.startswith("_")
    told = tuple(ValueExample(row, *(_masked(v, visible=visible) for v in values)) for row, *values in examples or ())
    smallest, middle, largest = numbers
    return ColumnChange(name, rows, emptied, filled, smallest, middle, largest, told)


def _masked(value: str | None, *, visible: bool) -> str | None:
    return value if visible or value is None else MASKED
