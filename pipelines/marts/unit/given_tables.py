"""The inputs of a SELECT as tables with the rows of a test, under the names that the SELECT reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

import duckdb

from citylake.pipelines.marts.make.delta_views import create_typed_table, undeleted_rows_sql
from citylake.pipelines.marts.make.mart_engine import sql_identifier, sql_literal
from citylake.pipelines.marts.make.mart_plan import TablePlan
from citylake.pipelines.marts.plan.bound_select import first_lines
from citylake.pipelines.marts.plan.mart_binder import MartBinder
from citylake.pipelines.marts.plan.mart_inputs import mart_inputs
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.mart import Mart
from citylake.schemas.model.mart_test import GivenRow, MartTest
from citylake.schemas.read.day_zones import partition_day_zone
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_PERIODS = {"_month": "%Y-%m", "_year": "%Y"}


def create_given_tables(
    connection: DuckDBPyConnection, binder: MartBinder, mart: Mart, plan: TablePlan, test: MartTest
) -> None:
    """Create every input of ``plan`` with the rows that ``test`` gives. Raises MART_TEST_CELL."""
    for name, parts, shape in mart_inputs(binder, mart, plan):
        rows = [test.defaults.get(name, {}) | row for row in test.given.get(name, ())]
        contract = binder.registry.contracts.get(name)
        if contract is None:
            _fill(connection, name, parts, shape, rows)
            continue
        stored = (*parts[:-1], f"_rows_of_{parts[-1]}")
        _fill(connection, name, stored, shape, rows)
        _fill_partition(connection, stored, contract, binder)
        view = f"FROM {sql_identifier(*stored)}{undeleted_rows_sql(contract.write.deleted)}"
        connection.execute(f"CREATE VIEW {sql_identifier(*parts)} AS {view}")


def cell_literal(value: Any, kind: str) -> str:
    """Return a value of YAML as SQL of the DuckDB type ``kind``."""
    if value is None:
        return f"NULL::{kind}"
    if kind == "BLOB":
        return f"unhex({sql_literal(value)})"
    if isinstance(value, date | datetime | time):
        return f"CAST({sql_literal(value.isoformat(' ') if isinstance(value, datetime) else value)} AS {kind})"
    if isinstance(value, list | dict):
        return f"CAST({_nested(value)} AS {kind})"
    return f"CAST({sql_literal(value)} AS {kind})"


def insert_rows(
    connection: DuckDBPyConnection, name: str, table: str, shape: Mapping[str, str], rows: Sequence[GivenRow]
) -> None:
    """Insert ``rows`` into ``table``; ``name`` is what messages call it. Raises MART_TEST_CELL with row and column."""
    for number, row in enumerate(rows, 1):
        columns = ", ".join(map(sql_identifier, row)) or sql_identifier(next(iter(shape)))
        values = ", ".join(cell_literal(value, shape[column]) for column, value in row.items()) or "NULL"
        try:
            connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({values})")
        except duckdb.Error as error:
            column = _faulty_column(connection, row, shape)
            values_of = {"name": name, "row": number, "column": column, "value": row.get(column)}
            reason = first_lines(str(error))
            raise CitylakeError("MART_TEST_CELL", **values_of, kind=shape.get(column, "—"), reason=reason) from error


def _nested(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_nested, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{sql_literal(key)}: {_nested(each)}" for key, each in value.items()) + "}"
    return "NULL" if value is None else str(value) if isinstance(value, bool | int | float) else sql_literal(value)


def _fill(
    connection: DuckDBPyConnection, name: str, parts: tuple[str, ...], shape: Mapping[str, str], rows: list[GivenRow]
) -> None:
    create_typed_table(connection, parts, shape)
    insert_rows(connection, name, sql_identifier(*parts), shape, rows)


def _fill_partition(
    connection: DuckDBPyConnection, table: tuple[str, ...], contract: Contract, binder: MartBinder
) -> None:
    """Let rows have the day, month or year that the lake would give them, unless the test states one."""
    if contract.write.partition is None:
        return
    kind, _, column = contract.write.partition.rstrip(")").partition("(")
    element = binder.registry.elements.get(binder.registry.columns(contract).get(column, ""))
    value = sql_identifier(column)
    if element and element.type == "datetime":
        value = f"({value} AT TIME ZONE {sql_literal(partition_day_zone(contract, binder.registry))})"
    name = f"_{kind}"
    made = f"{value}::DATE" if name not in _PERIODS else f"strftime({value}, {sql_literal(_PERIODS[name])})"
    own = sql_identifier(name)
    connection.execute(f"UPDATE {sql_identifier(*table)} SET {own} = {made} WHERE {own} IS NULL")


def _faulty_column(connection: DuckDBPyConnection, row: GivenRow, shape: Mapping[str, str]) -> str:
    for column, value in row.items():
        try:
            connection.execute(f"SELECT {cell_literal(value, shape[column])}")
        except duckdb.Error:
            return column
    return "—"
