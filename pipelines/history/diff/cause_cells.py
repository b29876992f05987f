"""Links changed cells with causes: through the steps that changed them, or through the days that a cause touches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from citylake.pipelines.history.diff.cell_steps import is_noise
from citylake.pipelines.history.diff.compare_tables import CHANGED, DAY, FLOATS, NEW, NUMBER, OLD, SCHEMA, STATUS
from citylake.pipelines.history.diff.compare_tables import PairedTable as Paired
from citylake.pipelines.marts.make.mart_engine import sql_identifier, sql_literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class LinkedCause:
    """A cause as cells are linked with it: its number, the event it belongs to, and the mart's days (None: any)."""

    number: int
    event: int
    days: frozenset[date] | None
    named: bool = True
    """False: only if nothing else explains a cell."""


def links_of(paired: Paired) -> str:
    """The table of links: row number, column (empty: the row), cause."""
    return sql_identifier(SCHEMA, f"links_{paired.table}")


def link_by_steps(connection: DuckDBPyConnection, paired: Paired, found: str, causes: Sequence[LinkedCause]) -> None:
    """Give each cell the causes of the events that changed it: those of its day, else those of any day, else all."""
    _store_causes(connection, causes)
    connection.execute(
        f"CREATE OR REPLACE TABLE {links_of(paired)} AS"
        f" SELECT DISTINCT {NUMBER}, name, cause FROM (SELECT f.{NUMBER}, f.name, f.event, c.cause, CASE"
        f"  WHEN d.cause IS NOT NULL THEN 0 WHEN c.always THEN 1 ELSE 2 END AS fit"
        f" FROM {found} f JOIN {paired.name} r USING ({NUMBER}) JOIN {SCHEMA}.causes c USING (event)"
        f" LEFT JOIN {SCHEMA}.cause_days d ON d.cause = c.cause AND d.day = r.{DAY})"
        f" QUALIFY fit = min(fit) OVER (PARTITION BY {NUMBER}, name, event)"
    )


def link_by_days(connection: DuckDBPyConnection, paired: Paired, causes: Sequence[LinkedCause]) -> None:
    """Give each cell every cause that touches its day."""
    _store_causes(connection, [each for each in causes if each.named])
    connection.execute(f"CREATE OR REPLACE TABLE {links_of(paired)} ({NUMBER} BIGINT, name VARCHAR, cause INTEGER)")
    link_rest_by_days(connection, paired)


def link_rest_by_days(connection: DuckDBPyConnection, paired: Paired, causes: Sequence[LinkedCause] = ()) -> None:
    """The same for cells that have no cause yet."""
    if causes:
        _store_causes(connection, [each for each in causes if each.named])
    connection.execute(
        f"INSERT INTO {links_of(paired)} SELECT DISTINCT u.{NUMBER}, u.name, c.cause FROM {_unlinked(paired)} u"
        f" JOIN {SCHEMA}.causes c ON c.always OR u.{DAY} IS NULL OR EXISTS"
        f" (FROM {SCHEMA}.cause_days d WHERE d.cause = c.cause AND d.day = u.{DAY})"
    )


def link_rest(connection: DuckDBPyConnection, paired: Paired, cause: int) -> None:
    """Give ``cause`` to the cells that have none."""
    connection.execute(f"INSERT INTO {links_of(paired)} SELECT {NUMBER}, name, {cause} FROM {_unlinked(paired)}")


def name_rounding(connection: DuckDBPyConnection, paired: Paired, other: int, rounding: int) -> None:
    """Where ``other`` stands beside a difference that the order of a sum can make, put ``rounding`` in its place."""
    for name in paired.columns:
        if paired.types[name] in FLOATS:
            column = sql_identifier(name)
            connection.execute(
                f"UPDATE {links_of(paired)} SET cause = {rounding} FROM {paired.name} r WHERE cause = {other}"
                f" AND r.{NUMBER} = {links_of(paired)}.{NUMBER} AND name = {sql_literal(name)}"
                f" AND {is_noise(f'r.{OLD}.{column}', f'r.{NEW}.{column}')}"
            )


def count_links(connection: DuckDBPyConnection, paired: Paired) -> dict[int, int]:
    """Cells by cause."""
    rows = connection.execute(f"SELECT cause, count(*) FROM {links_of(paired)} GROUP BY cause").fetchall()
    return {int(cause): int(count) for cause, count in rows}


def cells_sql(paired: Paired) -> str:
    """SELECT of every changed cell: row number, column (empty: the row)."""
    return (
        f"SELECT {NUMBER}, {DAY}, unnest(CASE WHEN {STATUS} = 'changed' THEN {CHANGED} ELSE [''] END) AS name"
        f" FROM {paired.name}"
    )


def _unlinked(paired: Paired) -> str:
    return f"(FROM ({cells_sql(paired)}) ANTI JOIN {links_of(paired)} USING ({NUMBER}, name))"


def _store_causes(connection: DuckDBPyConnection, causes: Sequence[LinkedCause]) -> None:
    connection.execute(
        f"CREATE OR REPLACE TABLE {SCHEMA}.causes (cause INTEGER, event INTEGER, always BOOLEAN);"
        f"CREATE OR REPLACE TABLE {SCHEMA}.cause_days (cause INTEGER, day DATE)"
    )
    _insert(connection, "causes", [f"({each.number}, {each.event}, {each.days is None})" for each in causes])
    days = [f"({each.number}, DATE '{day}')" for each in causes for day in sorted(each.days or ())]
    _insert(connection, "cause_days", days)


def _insert(connection: DuckDBPyConnection, table: str, values: Sequence[str]) -> None:
    for start in range(0, len(values), 1000):
        connection.execute(f"INSERT INTO {SCHEMA}.{table} VALUES {', '.join(values[start : start + 1000])}")


def merged(counts: Mapping[str, Mapping[int, int]]) -> dict[int, dict[str, int]]:
    """Cause → table → cells, of table → cause → cells."""
    found: dict[int, dict[str, int]] = {}
    for table, each in counts.items():
        for cause, cells in each.items():
            found.setdefault(cause, {})[table] = cells
    return found
