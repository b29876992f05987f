"""Finds which steps change a cell: the table is computed after each change of its inputs, and compared.

The first step leads from the earlier version to what today's SELECTs make of its inputs, each further one past one
event, and the last to the later version. So a cell that differs between the versions differs in some step.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from citylake.pipelines.history.diff.compare_tables import (
    CHANGED,
    DAY,
    FLOATS,
    NEW,
    NUMBER,
    OLD,
    SCHEMA,
    STATUS,
    PairedTable,
)
from citylake.pipelines.marts.make.mart_engine import sql_identifier, sql_literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NOISE = 1e-9
"""Two floats that differ by less, relative to the greater one, may be one sum formed in two orders."""


@dataclass(frozen=True, slots=True)
class CellSteps:
    """The rows of one table that differ, as they are after each step, and what the steps changed."""

    connection: DuckDBPyConnection
    paired: PairedTable

    @property
    def found(self) -> str:
        """The table of what was found: row number, column (empty: the row), event."""
        return sql_identifier(SCHEMA, f"found_{self.paired.table}")

    @property
    def _state(self) -> str:
        return sql_identifier(SCHEMA, f"state_{self.paired.table}")

    @property
    def _next(self) -> str:
        return sql_identifier(SCHEMA, f"next_{self.paired.table}")

    def begin(self) -> None:
        """Start with the rows of the earlier version, in the types of the later one."""
        self.connection.execute(f"CREATE OR REPLACE TABLE {self.found} ({NUMBER} BIGINT, name VARCHAR, event INTEGER)")
        values = self._packed(lambda name, kind: f"TRY_CAST({OLD}.{sql_identifier(name)} AS {kind})")
        self.connection.execute(
            f"CREATE OR REPLACE TABLE {self._state} AS SELECT {NUMBER}, CASE WHEN {STATUS} <> 'added' THEN {values} END"
            f" AS value FROM {self.paired.name}"
        )

    def step(self, event: int, days: Collection[date] | None) -> None:
        """Compare the rows (of ``days``; None: all) with those of the view of the table's name, which replace them."""
        same = " AND ".join(f"r.{name} IS NOT DISTINCT FROM c.{name}" for name in map(sql_identifier, self.paired.key))
        values = self._packed(lambda name, _: f"c.{sql_identifier(name)}")
        self.connection.execute(
            f"CREATE OR REPLACE TABLE {self._next} AS SELECT r.{NUMBER}, CASE WHEN c._in THEN {values} END AS value"
            f" FROM {self.paired.name} r LEFT JOIN (SELECT true AS _in, * FROM {sql_identifier(self.paired.table)}) c"
            f" ON {same} WHERE {_within('r', days)}"
        )
        self._compare(event)
        self.connection.execute(
            f"CREATE OR REPLACE TABLE {self._state} AS FROM {self._next}"
            f" UNION ALL FROM {self._state} ANTI JOIN {self._next} USING ({NUMBER})"
        )

    def end(self, event: int) -> None:
        """Compare the rows with the later version."""
        values = self._packed(lambda name, _: f"{NEW}.{sql_identifier(name)}")
        self.connection.execute(
            f"CREATE OR REPLACE TABLE {self._next} AS SELECT {NUMBER},"
            f" CASE WHEN {STATUS} <> 'removed' THEN {values} END AS value FROM {self.paired.name}"
        )
        self._compare(event)

    def _packed(self, value: Callable[[str, str], str]) -> str:
        """SQL of a row as a struct; ``value``: SQL of a column's value by its name and type."""
        kinds = ((name, self.paired.types[name]) for name in self.paired.stored)
        parts = (f"{sql_literal(name)}: {value(name, kind)}" for name, kind in kinds)
        listed = ", ".join(("'_in': true", *parts))
        return f"{{{listed}}}"

    def _compare(self, event: int) -> None:
        differs = {name: self._differs(name) for name in self.paired.stored}
        cells = ", ".join(
            f"CASE WHEN list_contains(r.{CHANGED}, {sql_literal(name)}) AND {differs[name]}"
            f" THEN {sql_literal(name)} END"
            for name in self.paired.columns
        )
        any_differs = " OR ".join(["(s.value IS NULL) <> (n.value IS NULL)", *differs.values()])
        self.connection.execute(
            f"INSERT INTO {self.found} SELECT {NUMBER}, name, {event} FROM (SELECT r.{NUMBER}, unnest(CASE"
            f" WHEN r.{STATUS} = 'changed' THEN [{cells}]::VARCHAR[] WHEN {any_differs} THEN [''] ELSE [] END) AS name"
            f" FROM {self.paired.name} r JOIN {self._state} s USING ({NUMBER}) JOIN {self._next} n USING ({NUMBER}))"
            " WHERE name IS NOT NULL"
        )

    def _differs(self, name: str) -> str:
        column = sql_identifier(name)
        exact = f"s.value.{column} IS DISTINCT FROM n.value.{column}"
        if self.paired.types[name] not in FLOATS:
            return f"({exact})"
        noise = is_noise(f"s.value.{column}", f"n.value.{column}")
        return f"({exact} AND (NOT {noise} OR {is_noise(f'r.{OLD}.{column}', f'r.{NEW}.{column}')}))"


def is_noise(a: str, b: str) -> str:
    """SQL: whether two floats differ by no more than the order of a sum can make."""
    a, b = (f"TRY_CAST({each} AS DOUBLE)" for each in (a, b))
    return f"coalesce(abs({a} - {b}) <= {_NOISE} * greatest(abs({a}), abs({b})), false)"


def _within(side: str, days: Collection[date] | None) -> str:
    if days is None:
        return "true"
    listed = ", ".join(f"DATE '{day}'" for day in sorted(days))
    return f"{side}.{DAY} IN ({listed})"


def changed_days(connection: DuckDBPyConnection, tables: Mapping[str, PairedTable]) -> frozenset[date]:
    """The days of all rows that differ."""
    parts = " UNION ".join(f"SELECT {DAY} FROM {paired.name}" for paired in tables.values())
    return frozenset(day for (day,) in connection.execute(parts).fetchall() if day)
