"""Writes the tables of a mart without the counts that are hidden, and with columns that say where one is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from citylake.pipelines.marts.make.mart_engine import sql_identifier, sql_literal
from citylake.pipelines.marts.suppress.linked_counts import linked_systems
from citylake.pipelines.marts.suppress.tau_argus import choose_hidden_cells, require_library
from citylake.schemas.model.mart import Mart, MartTable
from citylake.schemas.model.suppression import Suppression, flag_column

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

EXACT = "exact"
"""The attached database with the exact tables."""
HiddenRows = dict[tuple[str, str], set[int]]
"""Table and count → rows in which the count is hidden."""


def find_hidden_rows(connection: DuckDBPyConnection, mart: Mart) -> HiddenRows:
    """Return what has to be hidden in the tables of the database ``exact``.

    Raises DISCLOSURE_EXTRA_MISSING, SMALL_CELLS_NOT_COUNTS, SMALL_CELLS_NOT_ADDITIVE and SMALL_CELLS_UNPROTECTED.
    """
    require_library(mart.mart)
    systems = [system for linked in linked_systems(connection, mart) for system in linked.components()]
    found: HiddenRows = {}
    for system, hidden in zip(systems, choose_hidden_cells(systems, mart.timeout_s, mart.mart), strict=True):
        for cell in (system.cells[position] for position in sorted(hidden)):
            if cell.published:
                found.setdefault((cell.table, cell.column), set()).add(cell.row)
    return found


def write_suppressed_tables(connection: DuckDBPyConnection, mart: Mart, hidden: HiddenRows) -> None:
    """Copy the tables of ``exact`` into the database ``out``; a hidden value is null. Leaves a transaction open."""
    names = {key: f"_hidden_{number}" for number, key in enumerate(hidden)}
    for key, rows in hidden.items():
        listed = ", ".join(map(str, sorted(rows)))
        connection.execute(f"CREATE TABLE {names[key]} AS SELECT unnest([{listed}]::BIGINT[]) AS hidden_row")
    connection.execute("BEGIN")
    for name, table in mart.tables.items():
        flags = {
            column: f"rowid IN (FROM {names[name, column]})" if (name, column) in names else "false"
            for column in (table.suppress.columns if table.suppress else ())
        }
        columns = ", ".join(_selected_columns(table, flags))
        order = ", ".join(map(sql_identifier, table.grain))
        source = sql_identifier(EXACT, name)
        connection.execute(
            f"CREATE TABLE {sql_identifier('out', name)} AS SELECT {columns} FROM {source} ORDER BY {order}"
        )


def _selected_columns(table: MartTable, flags: dict[str, str]) -> Iterator[str]:
    also = table.suppress.also if table.suppress else ()
    anyone = " OR ".join(flags.values())
    for column in table.columns:
        name = sql_identifier(column)
        when = flags.get(column, anyone if column in also else None)
        yield f"CASE WHEN {when} THEN NULL ELSE {name} END AS {name}" if when else name
    yield from (f"{when} AS {sql_identifier(flag_column(column))}" for column, when in flags.items())


def flag_comments(name: str, rule: Suppression) -> Iterator[str]:
    """Yield COMMENT statements for the columns that say where a count is hidden."""
    for column in rule.columns:
        said = f"{column} 是否隐去（小于 {rule.threshold}，或由其可推算出小计数）"
        text = f"{said} / whether {column} is hidden: below {rule.threshold}, or it would give such a count away"
        yield f"COMMENT ON COLUMN {sql_identifier('out', name, flag_column(column))} IS {sql_literal(text)}"
