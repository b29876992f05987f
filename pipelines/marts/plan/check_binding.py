"""Whether checks and conditions of marts run: DuckDB binds them to empty tables with the types of the SELECTs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import duckdb

from citylake.pipelines.marts.make.delta_views import create_typed_table
from citylake.pipelines.marts.make.duckdb_types import mart_table_types, standard_table_types, unstored_columns
from citylake.pipelines.marts.make.mart_engine import sql_identifier
from citylake.pipelines.marts.plan.bound_select import first_lines
from citylake.pipelines.marts.plan.mart_binder import BoundMart, MartBinder
from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.lint.yaml_location import sub_location
from citylake.schemas.model.mart import Mart, MartTable
from citylake.schemas.read.registry import Registry, YamlLocation
from citylake.schemas.sql.sql_columns import readable_tables
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import current_language

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_COUNTS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "BOOLEAN")
_COUNT_TYPES = frozenset({*_COUNTS, *(f"U{kind}" for kind in _COUNTS)})


def check_mart_binding(binder: MartBinder) -> Iterator[LintFault]:
    """MART_TYPE_UNSTORED, MART_CHECK_UNREADABLE and RULE_UNREADABLE in marts without errors of lint.

    A table whose SELECT cannot be bound is reported at its SELECT, and its mart is left out here.
    """
    for mart in binder.registry.marts:
        try:
            bound = binder.bind_mart(mart)
        except CitylakeError:
            continue
        if not bound.faults:
            with binder.room() as connection:
                yield from _mart_faults(connection, bound, binder.registry)


def _mart_faults(connection: DuckDBPyConnection, bound: BoundMart, registry: Registry) -> Iterator[LintFault]:
    mart = bound.mart
    for name, table in mart.tables.items():
        made = bound.bound[name].columns
        place = sub_location(registry.places["mart", mart.mart], "tables", name)
        if made.keys() != table.columns.keys():
            return
        for column, kind in unstored_columns(table, made).items():
            place = sub_location(place, "columns", column)
            yield LintFault("MART_TYPE_UNSTORED", place, {"column": column, "type": kind})
        create_typed_table(connection, (name,), mart_table_types(table, registry, made))
    for name, table in mart.tables.items():
        place = sub_location(registry.places["mart", mart.mart], "tables", name)
        yield from _check_faults(connection, mart, table, place)
        yield from _total_faults(connection, table, place, registry)


def _check_faults(
    connection: DuckDBPyConnection, mart: Mart, table: MartTable, place: YamlLocation
) -> Iterator[LintFault]:
    tables = {(name,) for name in mart.tables}
    for number, check in enumerate(table.checks):
        # The other tables of a published file are made with it.
        if readable_tables(check.sql) <= tables and (reason := _check_reason(connection, check.sql)):
            values = {"mart": mart.mart, "check": check.name.say(current_language()), "reason": reason}
            yield LintFault("MART_CHECK_UNREADABLE", sub_location(place, "checks", number, "sql"), values)


def _check_reason(connection: DuckDBPyConnection, sql: str) -> str | None:
    made = _described(connection, sql)
    if isinstance(made, str):
        return made
    kinds = list(made.values())
    return None if len(kinds) == 1 and kinds[0] in _COUNT_TYPES else ", ".join(kinds)


def _total_faults(
    connection: DuckDBPyConnection, table: MartTable, place: YamlLocation, registry: Registry
) -> Iterator[LintFault]:
    for column, total in table.expect.totals.items():
        dataset, measure = total.input(registry.contracts)
        parts = tuple(dataset.split("."))
        create_typed_table(connection, parts, standard_table_types(registry.contracts[dataset], registry))
        counted = f"sum({sql_identifier(measure)})" if measure else "count(*)"
        sql = f"SELECT {counted} FROM {sql_identifier(*parts)} WHERE ({total.where or 'true'}\n)"
        if isinstance(made := _described(connection, sql), str):
            here = sub_location(place, "expect", "totals", column, "where" if total.where else "from")
            yield LintFault("RULE_UNREADABLE", here, {"issue": f"totals.{column}", "reason": made})


def _described(connection: DuckDBPyConnection, sql: str) -> Mapping[str, str] | str:
    """Column → type of what ``sql`` returns, or the reason why it does not run."""
    try:
        return {name: kind for name, kind, *_ in connection.execute(f"DESCRIBE ({sql}\n)").fetchall()}
    except duckdb.Error as error:
        return first_lines(str(error))
