"""The rows that are traced, as a table of the room, and whether a SELECT makes the same ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from citylake.pipelines.marts.make.mart_engine import ROOM, sql_identifier, sql_literal

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

_WANTED: Final = f"{ROOM}._trace.wanted"
_MADE: Final = f"{ROOM}._trace.made"
_MOST_LISTED: Final = 400
"""Values of a key column that are listed in a condition, which the engine can push down to the tables."""
TOLERANCE: Final = 1e-9
"""Relative. The order in which floats are added up is the engine's."""


class WantedRows:
    """The traced rows, of a table with the grain ``grain``."""

    def __init__(self, connection: DuckDBPyConnection, rows: pa.Table, grain: Sequence[str]) -> None:
        self._connection, self._grain = connection, grain
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {ROOM}._trace")
        connection.register("_trace_arrow", rows)
        connection.execute(f"CREATE OR REPLACE TABLE {_WANTED} AS SELECT * FROM _trace_arrow")
        connection.unregister("_trace_arrow")
        self.columns = {str(name): str(kind) for name, kind, *_ in connection.execute(f"DESCRIBE {_WANTED}").fetchall()}

    def among(self, select: str, columns: str = "*") -> str:
        """Return the SQL for ``columns`` of the rows of ``select`` that have the keys."""
        same = " AND ".join(f"made.{each} IS NOT DISTINCT FROM w.{each}" for each in map(sql_identifier, self._grain))
        conditions = [*self._constants(), f"EXISTS (SELECT 1 FROM {_WANTED} AS w WHERE {same})"]
        return f"SELECT {columns} FROM ({select}) AS made WHERE {' AND '.join(conditions)}"

    def _constants(self) -> list[str]:
        """Conditions that say nothing new, but are pushed down."""
        found = []
        for name in self._grain:
            column = sql_identifier(name)
            texts = self._connection.execute(
                f"SELECT DISTINCT CAST({column} AS VARCHAR) FROM {_WANTED} LIMIT {_MOST_LISTED + 1}"
            ).fetchall()
            if len(texts) <= _MOST_LISTED and all(text is not None for (text,) in texts) and self._is_plain(name):
                listed = ", ".join(f"CAST({sql_literal(text)} AS {self.columns[name]})" for (text,) in texts)
                found.append(f"made.{column} = {listed}" if len(texts) == 1 else f"made.{column} IN ({listed})")
        return found

    def _is_plain(self, name: str) -> bool:
        kind = self.columns[name]
        return not any(mark in kind for mark in ("[", "(", "BLOB", "DOUBLE", "FLOAT")) or kind.startswith("DECIMAL")

    def differing(self, select: str, compared: Sequence[str]) -> list[str] | None:
        """Return the columns of ``compared`` whose values ``select`` makes otherwise; None if it makes other rows.

        Raises duckdb.Error if it cannot be run.
        """
        self._connection.execute(f"CREATE OR REPLACE TABLE {_MADE} AS {self.among(select)}")
        keys = " AND ".join(f"m.{each} IS NOT DISTINCT FROM w.{each}" for each in map(sql_identifier, self._grain))
        columns = [name for name in compared if name in self.columns]
        counts = ", ".join(f"count_if(NOT ({self._same(name)}))" for name in columns) or "0"
        wanted, made = self._one(f"SELECT (SELECT count(*) FROM {_WANTED}), (SELECT count(*) FROM {_MADE})")
        joined, *others = self._one(f"SELECT count(*), {counts} FROM {_WANTED} AS w JOIN {_MADE} AS m ON {keys}")
        if not wanted == made == joined:
            return None
        return [name for name, other in zip(columns, others, strict=False) if other]

    def _same(self, name: str) -> str:
        column, kind = sql_identifier(name), self.columns[name]
        mine, other = f"w.{column}", f"CAST(m.{column} AS {kind})"
        same = f"{mine} IS NOT DISTINCT FROM {other}"
        if kind in ("DOUBLE", "FLOAT"):
            close = f"abs({mine} - {other}) <= {TOLERANCE} * greatest(abs({mine}), abs({other}))"
            return f"{same} OR coalesce({close}, false)"
        # SQL leaves open in which order a list without ORDER BY is made.
        return f"{same} OR list_sort({mine}) = list_sort({other})" if kind.endswith("[]") else same

    def _one(self, sql: str) -> tuple[int, ...]:
        found = self._connection.execute(sql).fetchone()
        assert found is not None
        return tuple(int(number or 0) for number in found)
