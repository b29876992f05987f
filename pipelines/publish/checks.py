"""What must hold before readers see a version: the grain of each table, and the mart's own checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from pipelines.build.engine import quoted
from quality.check import Check
from schemas.catalogue import current_language
from schemas.faults import CitylakeError, Problem
from schemas.mart import Mart, MartCheck

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def judge(connection: DuckDBPyConnection, mart: Mart) -> list[Check]:
    """Every check of the mart's tables, which are those of the connection's own database.

    Raises MART_CHECK_UNREADABLE where a check's SQL is not a count.
    """
    found = []
    for name, table in mart.tables.items():
        grain = ", ".join(map(quoted, table.grain))
        missing = " OR ".join(f"{quoted(column)} IS NULL" for column in table.grain)
        counts = {
            f"{name}: unique({', '.join(table.grain)})": (
                f"SELECT count(*) FROM (SELECT 1 FROM {quoted(name)} GROUP BY {grain} HAVING count(*) > 1)"
            ),
            f"{name}: not_null({', '.join(table.grain)})": f"SELECT count(*) FROM {quoted(name)} WHERE {missing}",
        }
        found += [_judged(mart, check, _count(connection, mart, check, sql)) for check, sql in counts.items()]
        found += [_own(connection, mart, name, check) for check in table.checks]
    return found


def _own(connection: DuckDBPyConnection, mart: Mart, table: str, check: MartCheck) -> Check:
    name = f"{table}: {check.name.say(current_language())}"
    return _judged(mart, name, _count(connection, mart, name, check.sql))


def _judged(mart: Mart, name: str, rows: int) -> Check:
    problem = Problem("MART_CHECK_FAILED", {"mart": mart.mart, "check": name, "rows": rows}) if rows else None
    return Check(name, problem is None, "error", str(rows), "0", problem)


def _count(connection: DuckDBPyConnection, mart: Mart, name: str, sql: str) -> int:
    try:
        rows = connection.execute(sql).fetchall()
    except duckdb.Error as error:
        raise CitylakeError("MART_CHECK_UNREADABLE", mart=mart.mart, check=name, reason=str(error)) from error
    if len(rows) != 1 or len(rows[0]) != 1 or not isinstance(rows[0][0], int):
        raise CitylakeError("MART_CHECK_UNREADABLE", mart=mart.mart, check=name, reason=f"it gives {rows[:3]}")
    return int(rows[0][0])
