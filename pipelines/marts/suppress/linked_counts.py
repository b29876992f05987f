"""Makes the cells of tables that publish the same counts at several levels, with every sum that a reader knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from citylake.pipelines.marts.suppress.cell_system import Cell, CellSum, CellSystem
from citylake.pipelines.marts.suppress.table_counts import CountRow, TableCounts, read_table_counts, sums_of_rows
from citylake.schemas.model.mart import Mart
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Positions = dict[tuple[str, str, int], int]
"""Table, count and row → position of its cell."""


def linked_systems(connection: DuckDBPyConnection, mart: Mart) -> Iterator[CellSystem]:
    """Yield one system for each table that hides counts, with the tables that are levels of it.

    Reads the tables of the database ``exact``. Raises SMALL_CELLS_NOT_COUNTS and SMALL_CELLS_NOT_ADDITIVE.
    """
    hiding = {name: table.suppress for name, table in mart.tables.items() if table.suppress}
    for root in (name for name, rule in hiding.items() if rule.level_of is None):
        levels = [name for name, rule in hiding.items() if rule.level_of == root]
        needed = [column for name in levels for column in mart.tables[name].grain]
        read = {
            name: read_table_counts(
                connection, mart.mart, name, mart.tables[name], hiding[name], needed if name == root else ()
            )
            for name in (root, *levels)
        }
        yield link_tables(read[root], [read[name] for name in levels])


def link_tables(root: TableCounts, levels: Sequence[TableCounts]) -> CellSystem:
    """Return the cells of ``root`` and of the tables whose rows are sums of its rows."""
    system, positions = CellSystem(), Positions()
    for each in (root, *levels):
        _add_cells(system, positions, each)
        for total, parts in each.row_sums():
            _add_sums(system, positions, each, total, each, parts)
    for level in levels:
        base = root.of_pattern(frozenset())
        for pattern, rows in level.lowest():
            kept = [column for column in level.table.grain if column not in pattern]
            for total, parts in sums_of_rows(rows, base, kept):
                _add_sums(system, positions, level, total, root, parts)
    _require_parts(root)
    return system


def _add_cells(system: CellSystem, positions: Positions, counts: TableCounts) -> None:
    for row in counts.rows:
        for column in counts.rule.columns:
            value = row.counts[column]
            if value or counts.rule.zeros == "hidden":
                cell = Cell(counts.name, column, row.row, value, counts.rule)
                positions[counts.name, column, row.row] = system.add_cell(cell)
        for part, whole in counts.rule.part_of.items():
            _add_remainder(system, positions, counts, row, part, whole)


def _add_remainder(
    system: CellSystem, positions: Positions, counts: TableCounts, row: CountRow, part: str, whole: str
) -> None:
    """Add what remains of a count without its part: a reader computes it, so it is protected as a count is."""
    rest = row.counts[whole] - row.counts[part]
    if rest < 0:
        raise _not_additive(counts, row, whole)
    total = positions.get((counts.name, whole, row.row))
    if total is None:
        return
    parts = [positions[key] for key in [(counts.name, part, row.row)] if key in positions]
    cell = Cell(counts.name, f"{whole} - {part}", row.row, rest, counts.rule, published=False)
    system.sums.append(CellSum(total, (*parts, system.add_cell(cell))))


def _add_sums(
    system: CellSystem,
    positions: Positions,
    above: TableCounts,
    total: CountRow,
    below: TableCounts,
    parts: Sequence[CountRow],
) -> None:
    for column in above.rule.columns:
        if sum(part.counts[column] for part in parts) != total.counts[column]:
            raise _not_additive(above, total, column)
        known = _known(positions, below.name, column, parts)
        if known and (above.name, column, total.row) in positions:
            system.sums.append(CellSum(positions[above.name, column, total.row], known))


def _known(positions: Positions, table: str, column: str, rows: Sequence[CountRow]) -> tuple[int, ...]:
    return tuple(positions[key] for row in rows if (key := (table, column, row.row)) in positions)


def _require_parts(root: TableCounts) -> None:
    """Raise SMALL_CELLS_NOT_ADDITIVE if the table has totals and not the rows that they add up."""
    for pattern, rows in root.lowest():
        for row in rows if pattern else ():
            for column, value in row.counts.items():
                if value:
                    raise _not_additive(root, row, column)


def _not_additive(counts: TableCounts, row: CountRow, column: str) -> CitylakeError:
    shown = ", ".join(f"{name}={row.dims[name]}" for name in counts.table.grain)
    return CitylakeError("SMALL_CELLS_NOT_ADDITIVE", mart=counts.mart, table=counts.name, column=column, row=shown)
