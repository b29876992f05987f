"""Measures a path over the standard tables in DuckDB: what is grouped spills to disk above its memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from citylake.pipelines.silo.join_figures import JoinFigures, SideFigures
from citylake.pipelines.silo.join_path import JoinPath, Side
from citylake.pipelines.silo.path_sql import keys_select, meeting_select, needed_expressions, table_name

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

EXACT_ROWS: Final = 20_000_000
"""Tables with more rows are measured from samples."""

_MEETING = """
WITH met AS ({select}),
    by_a AS (SELECT a_id, any_value(an) AS n, sum(bn) AS fan FROM met GROUP BY a_id),
    by_b AS (SELECT b_id, any_value(bn) AS n, sum(an) AS fan FROM met GROUP BY b_id)
SELECT
    (SELECT (count(*), coalesce(sum(n), 0), coalesce(max(fan), 0)) FROM by_a),
    (SELECT (count(*), coalesce(sum(n), 0), coalesce(max(fan), 0)) FROM by_b),
    (SELECT coalesce(sum(an * bn), 0) FROM met)
"""


@dataclass(frozen=True, slots=True)
class KeyCount:
    """Rows of a table, rows with a whole key, and different keys."""

    rows: int
    keyed: int
    keys: int


@dataclass(frozen=True, slots=True)
class MetCount:
    """Keys that meet, their rows, and the most rows that one row meets, by side; and the rows of the inner join."""

    left: tuple[int, int, int]
    right: tuple[int, int, int]
    joined: int


def measure_path(connection: DuckDBPyConnection, path: JoinPath) -> JoinFigures:
    """Count what meets by ``path``. Needs a view of every dataset of the path.

    Both sides' keys are grouped first, so that no pair of rows is ever made.
    """
    counts = {}
    sides: tuple[tuple[Side, str], ...] = (("left", "a"), ("right", "b"))
    for side, name in sides:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {keys_select(path, side)}")
        counts[side] = _count_keys(connection, path, side, name)
    met = count_met(connection, path)
    return JoinFigures(_side(counts["left"], met.left), _side(counts["right"], met.right), met.joined)


def count_met(connection: DuckDBPyConnection, path: JoinPath) -> MetCount:
    """Count what meets of the keys in the tables ``a`` and ``b``."""
    found = connection.execute(_MEETING.format(select=meeting_select(path))).fetchone()
    if found is None:
        raise AssertionError("a query of counts has one row")
    left, right = (_three(each) for each in found[:2])
    return MetCount(left, right, int(found[2]))


def _three(values: Sequence[int]) -> tuple[int, int, int]:
    keys, rows, fan_out = map(int, values)
    return keys, rows, fan_out


def count_rows(connection: DuckDBPyConnection, dataset: str) -> int:
    """Return the number of rows of a dataset's view."""
    row = connection.execute(f"SELECT count(*) FROM {table_name(dataset)}").fetchone()
    return int(row[0]) if row else 0


def has_key(path: JoinPath, side: Side, alias: str) -> str:
    """Return the condition that a row has every column of the key."""
    return " AND ".join(f"{each} IS NOT NULL" for each in needed_expressions(path, side, alias))


def _count_keys(connection: DuckDBPyConnection, path: JoinPath, side: Side, name: str) -> KeyCount:
    rows = count_rows(connection, path.left if side == "left" else path.right)
    row = connection.execute(f"SELECT coalesce(sum(n), 0), count(*) FROM {name}").fetchone()
    return KeyCount(rows, int(row[0]), int(row[1])) if row else KeyCount(rows, 0, 0)


def _side(count: KeyCount, met: tuple[int, int, int]) -> SideFigures:
    keys_met, rows_met, fan_out = met
    return SideFigures(count.rows, count.keyed, count.keys, rows_met, keys_met, fan_out)
