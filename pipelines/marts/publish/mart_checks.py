"""Checks on a mart before it is published: the grain of each table, and the declared checks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import duckdb

from citylake.pipelines.lake.duckdb_timeout import interrupt_after
from citylake.pipelines.marts.make.mart_engine import sql_identifier
from citylake.quality.check_result import CheckResult
from citylake.schemas.model.mart import Mart, MartCheck
from citylake.schemas.sql.sql_columns import select_error
from citylake.schemas.words.errors import CitylakeError, Problem
from citylake.schemas.words.message_catalogue import current_language

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def run_mart_checks(connection: DuckDBPyConnection, mart: Mart) -> list[CheckResult]:
    """Run every check of the mart's tables, which are in the connection's current database.

    A check passes if its SQL returns 0. Raises MART_CHECK_UNREADABLE if the SQL fails or returns no single integer,
    and MART_SQL_TIMED_OUT.
    """
    found = []
    for name, table in mart.tables.items():
        grain = ", ".join(map(sql_identifier, table.grain))
        shown, missing = (
            ", ".join(table.grain),
            " OR ".join(f"{sql_identifier(column)} IS NULL" for column in table.grain),
        )
        counts = {
            f"{name}: unique({shown})": (
                f"SELECT count(*) FROM (SELECT 1 FROM {sql_identifier(name)} GROUP BY {grain} HAVING count(*) > 1)"
            ),
            f"{name}: not_null({shown})": f"SELECT count(*) FROM {sql_identifier(name)} WHERE {missing}",
        }
        found += [_check_result(mart, check, _count(connection, mart, check, sql)) for check, sql in counts.items()]
        found += [_run_declared_check(connection, mart, name, check) for check in table.checks]
    return found


def _run_declared_check(connection: DuckDBPyConnection, mart: Mart, table: str, check: MartCheck) -> CheckResult:
    name = f"{table}: {check.name.say(current_language())}"
    found = _check_result(mart, name, _count(connection, mart, name, check.sql))
    if check.severity == "warning" and found.problem:
        values = {"mart": mart.mart, "table": table, "check": name, "observed": found.observed, "expected": "0"}
        found = replace(found, problem=Problem("MART_EXPECTATION_WARNED", values))
    return replace(found, severity=check.severity, dimension=check.dimension)


def _check_result(mart: Mart, name: str, rows: int) -> CheckResult:
    problem = Problem("MART_CHECK_FAILED", {"mart": mart.mart, "check": name, "rows": rows}) if rows else None
    return CheckResult(name, problem is None, "error", str(rows), "0", problem)


def _count(connection: DuckDBPyConnection, mart: Mart, name: str, sql: str) -> int:
    if reason := select_error(sql):
        raise CitylakeError("MART_CHECK_UNREADABLE", mart=mart.mart, check=name, reason=reason)
    try:
        with interrupt_after(connection, mart.timeout_s) as limit:
            rows = connection.execute(sql).fetchall()
    except duckdb.Error as error:
        if limit.exceeded:
            raise CitylakeError("MART_SQL_TIMED_OUT", file=f"{mart.mart}: {name}", limit=mart.timeout) from error
        raise CitylakeError("MART_CHECK_UNREADABLE", mart=mart.mart, check=name, reason=str(error)) from error
    if len(rows) != 1 or len(rows[0]) != 1 or not isinstance(rows[0][0], int):
        raise CitylakeError("MART_CHECK_UNREADABLE", mart=mart.mart, check=name, reason=f"it returns {rows[:3]}")
    return int(rows[0][0])
