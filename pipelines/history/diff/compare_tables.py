"""Joins one table of both versions on its grain, and keeps the rows that differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from citylake.pipelines.history.diff.diff_result import ColumnDifference
from citylake.pipelines.history.diff.row_filter import RowFilter
from citylake.pipelines.history.diff.version_tables import AFTER, BEFORE
from citylake.pipelines.marts.make.mart_engine import sql_identifier, sql_literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SCHEMA = "_diff"
NUMBER, STATUS, DAY, CHANGED, OLD, NEW, REPEAT = "_number", "_status", "_day", "_columns", "_old", "_new", "_repeat"
_EXACT_ROWS = 5_000_000
"""Differences up to which the median is exact; of more it is approximate."""
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL", "UTINYINT")
FLOATS = ("FLOAT", "DOUBLE")


@dataclass(frozen=True, slots=True)
class PairedTable:
    """A table that both versions have. Rows that differ are in ``name``: number, status, day, changed columns, and the
    row before and after as structs.
    """

    table: str
    key: tuple[str, ...]
    """The grain, and a number among rows that repeat it."""
    columns: tuple[str, ...]
    """The compared columns."""
    stored: tuple[str, ...]
    """The columns of the structs: those that both versions have, without the grain."""
    types: Mapping[str, str]
    """Column → DuckDB type in the later version."""
    day: str | None

    @property
    def name(self) -> str:
        """The table of rows that differ, as an SQL name."""
        return sql_identifier(SCHEMA, f"rows_{self.table}")

    @property
    def shown_key(self) -> tuple[str, ...]:
        """The columns of the grain."""
        return tuple(name for name in self.key if name != REPEAT)


def pair_table(
    connection: DuckDBPyConnection,
    table: str,
    before: Mapping[str, str],
    after: Mapping[str, str],
    grain: Sequence[str],
    day: str | None,
    chosen: RowFilter,
) -> PairedTable:
    """Store the rows of ``table`` that differ. ``before``, ``after``: column → type in each version."""
    key = [name for name in grain if name in before and name in after]
    common = [name for name in after if name in before and name not in key]
    asked = [name for name in common if not chosen.columns or name in chosen.columns]
    repeated = any(_repeats(connection, alias, table, key) for alias in (BEFORE, AFTER))
    own = (*key, *((REPEAT,) if repeated else ()))
    paired = PairedTable(
        table, own, tuple(asked), tuple(common), after, day if day in before and day in after else None
    )
    old, new = (_side(alias, table, key, common, repeated=repeated) for alias in (BEFORE, AFTER))
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    connection.execute(_pair_sql(paired, (old, new), before, chosen))
    return paired


def _pair_sql(paired: PairedTable, sides: tuple[str, str], before: Mapping[str, str], chosen: RowFilter) -> str:
    (old, new), common = sides, paired.stored
    same = " AND ".join(
        f"a.{sql_identifier(name)} IS NOT DISTINCT FROM b.{sql_identifier(name)}" for name in paired.key
    )
    differs = {name: _differs(name, before[name], paired.types[name]) for name in paired.columns}
    changed = ", ".join(f"CASE WHEN {each} THEN {sql_literal(name)} END" for name, each in differs.items())
    listed = f"list_filter([{changed}]::VARCHAR[], lambda each: each IS NOT NULL)"
    day = sql_identifier(paired.day) if paired.day else ""
    status = "CASE WHEN a._in IS NULL THEN 'added' WHEN b._in IS NULL THEN 'removed' ELSE 'changed' END"
    keys = ", ".join(
        f"CASE WHEN b._in THEN b.{name} ELSE a.{name} END AS {name}" for name in map(sql_identifier, paired.key)
    )
    any_differs = " OR ".join(differs.values()) or "false"
    within = f"(a._in AND {chosen.where('a', paired.day)}) OR (b._in AND {chosen.where('b', paired.day)})"
    return (
        f"CREATE TABLE {paired.name} AS SELECT row_number() OVER () AS {NUMBER}, * FROM (SELECT {keys}, "
        f"{status} AS {STATUS}, {f'CASE WHEN b._in THEN b.{day} ELSE a.{day} END' if day else 'NULL::DATE'} AS {DAY}, "
        f"CASE WHEN a._in AND b._in THEN {listed} ELSE []::VARCHAR[] END AS {CHANGED}, "
        f"{_packed('a', common)} AS {OLD}, {_packed('b', common)} AS {NEW} "
        f"FROM ({old}) a FULL JOIN ({new}) b ON {same} "
        f"WHERE (a._in IS NULL OR b._in IS NULL OR {any_differs}) AND ({within}))"
    )


def _side(alias: str, table: str, key: Sequence[str], common: Sequence[str], *, repeated: bool) -> str:
    names = ", ".join(map(sql_identifier, (*key, *common)))
    number = ""
    if repeated:
        order = ", ".join(f"{sql_identifier(name)}::VARCHAR" for name in common) or "1"
        by = ", ".join(map(sql_identifier, key))
        number = f", row_number() OVER (PARTITION BY {by} ORDER BY {order}) AS {REPEAT}"
    return f"SELECT {names}{number}, true AS _in FROM {sql_identifier(alias, 'main', table)}"


def _repeats(connection: DuckDBPyConnection, alias: str, table: str, key: Sequence[str]) -> bool:
    """Whether rows repeat the grain, as after another grain was declared."""
    if not key:
        return True
    listed = ", ".join(map(sql_identifier, key))
    query = f"SELECT 1 FROM {sql_identifier(alias, 'main', table)} GROUP BY {listed} HAVING count(*) > 1 LIMIT 1"
    return connection.execute(query).fetchone() is not None


def _differs(name: str, before: str, after: str) -> str:
    a, b = f"a.{sql_identifier(name)}", f"b.{sql_identifier(name)}"
    if before != after and not (is_number(before) and is_number(after)):
        a, b = f"{a}::VARCHAR", f"{b}::VARCHAR"
    return f"{a} IS DISTINCT FROM {b}"


def _packed(side: str, columns: Sequence[str]) -> str:
    if not columns:
        return "NULL"
    values = ", ".join(f"{sql_literal(name)}: {side}.{sql_identifier(name)}" for name in columns)
    return f"CASE WHEN {side}._in THEN {{{values}}} END"


def is_number(kind: str) -> bool:
    """Whether values of a DuckDB type can be subtracted."""
    return kind.removeprefix("U").startswith(_NUMBERS)


def column_differences(connection: DuckDBPyConnection, paired: PairedTable) -> tuple[ColumnDifference, ...]:
    """The columns with changed values, those with most rows first."""
    counted = connection.execute(
        f"SELECT name, count(*) AS n FROM (SELECT unnest({CHANGED}) AS name FROM {paired.name}) GROUP BY name"
        " ORDER BY n DESC, name"
    ).fetchall()
    return tuple(_difference(connection, paired, name, rows) for name, rows in counted)


def _difference(connection: DuckDBPyConnection, paired: PairedTable, name: str, rows: int) -> ColumnDifference:
    column = sql_identifier(name)
    old, new = f"{OLD}.{column}", f"{NEW}.{column}"
    numbers = is_number(paired.types[name])
    change = f"abs(TRY_CAST({new} AS DOUBLE) - TRY_CAST({old} AS DOUBLE))"
    middle = f"median({change})" if rows <= _EXACT_ROWS else f"approx_quantile({change}, 0.5)"
    found = _one(
        connection,
        f"SELECT count(*) FILTER (WHERE {new} IS NULL), count(*) FILTER (WHERE {old} IS NULL), "
        f"{f'max({change}), {middle}' if numbers else 'NULL, NULL'} "
        f"FROM {paired.name} WHERE list_contains({CHANGED}, {sql_literal(name)})",
    )
    emptied, filled, largest, median = found
    return ColumnDifference(name, rows, emptied, filled, largest, median)


def status_counts(connection: DuckDBPyConnection, paired: PairedTable) -> dict[str, int]:
    """Rows that differ, by status."""
    rows = connection.execute(f"SELECT {STATUS}, count(*) FROM {paired.name} GROUP BY ALL").fetchall()
    return {str(status): int(count) for status, count in rows}


def count_rows(connection: DuckDBPyConnection, alias: str, table: str) -> int:
    """The rows of a table in one version."""
    return int(_one(connection, f"SELECT count(*) FROM {sql_identifier(alias, 'main', table)}")[0])


def _one(connection: DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row
