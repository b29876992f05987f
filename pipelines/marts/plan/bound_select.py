"""Binds a SELECT with DuckDB, and says in which line an error is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb

from citylake.pipelines.marts.make.mart_engine import sql_literal
from citylake.pipelines.marts.plan.plan_operators import Operator
from citylake.pipelines.marts.plan.plan_reader import PlanUnreadableError, read_operator

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class BoundSelect:
    """``columns``: name → DuckDB type of what it returns, in order, as the top operator of ``plan`` has them."""

    sql: str
    columns: Mapping[str, str]
    plan: Operator

    def line_of(self, at: int | None) -> int:
        """Return the line (from 1) of a byte of the SQL; 1 if it is not known."""
        return line_of(self.sql, at)


class BindError(Exception):
    """DuckDB cannot bind a SELECT, or its plan is not understood: ``reason``, and the ``line`` in its SQL."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.reason, self.line = reason, line


def line_of(sql: str, at: int | None) -> int:
    """Return the line (from 1) of a byte of ``sql``; 1 if it is not known."""
    return 1 if at is None else sql.encode()[:at].count(b"\n") + 1


def _line_of_error(sql: str, told: Mapping[str, Any]) -> int:
    position = told.get("position")
    if position is None:
        return 1
    # The parser counts characters, the binder bytes.
    return sql[: int(position)].count("\n") + 1 if told.get("error_type") == "parser" else line_of(sql, int(position))


def bind_select(connection: DuckDBPyConnection, sql: str) -> BoundSelect:
    """Return the plan of ``sql`` over the tables of ``connection``. Raises :class:`BindError`."""
    told = _serialized(connection, sql)
    if told.get("error"):
        raise BindError(first_lines(told["error_message"]), _line_of_error(sql, told))
    if len(told["plans"]) != 1:
        raise BindError(f"{len(told['plans'])} statements, where one SELECT should be", 1)
    try:
        plan = read_operator(told["plans"][0])
    except PlanUnreadableError as error:
        raise BindError(f"{error} is not understood: its columns cannot be traced", 1) from error
    return BoundSelect(sql, _described(connection, sql), plan)


def _serialized(connection: DuckDBPyConnection, sql: str) -> dict[str, Any]:
    try:
        # A literal instead of a parameter, for which DuckDB imports pandas, if installed.
        found = connection.execute(f"SELECT json_serialize_plan({sql_literal(sql)}, optimize := false)").fetchone()
    except duckdb.Error as error:
        raise BindError(first_lines(str(error)), 1) from error
    assert found is not None
    told: dict[str, Any] = json.loads(found[0])
    return told


def _described(connection: DuckDBPyConnection, sql: str) -> dict[str, str]:
    try:
        return {name: kind for name, kind, *_ in connection.execute(f"DESCRIBE ({sql}\n)").fetchall()}
    except duckdb.Error as error:
        raise BindError(first_lines(str(error)), 1) from error


def first_lines(message: str) -> str:
    """Return a message of DuckDB without the excerpt of the SQL at its end."""
    lines = message.split("\n\nLINE ")[0].splitlines()
    return " ".join(line.strip() for line in lines if line.strip())
