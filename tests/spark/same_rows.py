"""Runs one SELECT on DuckDB and on an endpoint, over the same rows, and tells what differs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import parquet

from citylake.pipelines.marts.functions.function_api import installed_spark_functions
from citylake.pipelines.marts.functions.workspace_days import workspace_days
from citylake.pipelines.marts.make.mart_engine import sql_identifier
from citylake.pipelines.marts.make.mart_plan import TablePlan
from citylake.pipelines.marts.spark.spark_build import SparkRows
from citylake.pipelines.marts.spark.spark_session import set_up
from citylake.pipelines.marts.spark.spark_types import spark_type_of
from citylake.pipelines.marts.spark.transpile_select import SparkSelect, transpile_select
from citylake.schemas.read.workspace import Workspace

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from pyspark.sql.connect.session import SparkSession

RELATIVE = 1e-9
"""Floats may differ by this share: sums add in another order."""
FEW_ROWS = {
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    # Most of the time goes into compiling Java for each SELECT; the tests of whole marts do compile.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}
Shapes = Mapping[tuple[str, ...], Mapping[str, str]]


def transpiled(plan: TablePlan, shapes: Shapes, workspace: Workspace) -> SparkSelect:
    """The SELECT of a table for Spark, with the functions of its workspace."""
    functions = installed_spark_functions(workspace_days(workspace))
    return transpile_select(plan.sql, shapes, workspace.settings.timezone, functions)


def session_of(address: str, zone: str) -> SparkSession:
    """A session set up as for a build, and for few rows: Apache Spark is quick with them then."""
    from pyspark.sql.connect.session import SparkSession

    session = SparkSession.builder.remote(address).create()
    set_up(session, zone)
    for name, value in FEW_ROWS.items():
        # Sail has no such settings.
        with suppress(Exception):
            session.conf.set(name, value)
    return session


def write_input(
    session: SparkSession,
    connection: DuckDBPyConnection,
    parts: tuple[str, ...],
    shape: Mapping[str, str],
    view: str,
    file: Path,
) -> None:
    """Let the view ``view`` of a server have the rows of the table ``parts`` on ``connection``, by a Parquet file."""
    types = {name: spark_type_of(kind) for name, kind in shape.items()}
    table = connection.execute(f"FROM {sql_identifier(*parts)}").to_arrow_table()
    table = table.select([name for name in table.column_names if types.get(name)])
    schema = ", ".join(f"`{name}` {types[name]}" for name in table.column_names)
    parquet.write_table(_without_times(table), file)
    session.read.schema(schema).parquet(str(file)).createOrReplaceTempView(view)


def rows_on_spark(
    session: SparkSession, connection: DuckDBPyConnection, select: SparkSelect, shapes: Shapes, folder: Path
) -> list[dict[str, Any]]:
    """The rows of ``select`` over what the inputs on ``connection`` hold, which go by Parquet files in ``folder``."""
    for parts, view in select.views.items():
        write_input(session, connection, parts, shapes[parts], view, folder / f"{view}.parquet")
    return spark_rows(session, select.sql)


def spark_rows(session: SparkSession, sql: str) -> list[dict[str, Any]]:
    """The rows of a SELECT on an endpoint."""
    return [row for batch in SparkRows(session.sql(sql)).reader() for row in batch.to_pylist()]


def duckdb_rows(connection: DuckDBPyConnection, sql: str) -> list[Mapping[str, Any]]:
    """The rows of a SELECT on DuckDB, with names in small letters."""
    rows = connection.execute(sql).to_arrow_table().to_pylist()
    return [{name.lower(): value for name, value in row.items()} for row in rows]


def _without_times(table: pa.Table) -> pa.Table:
    """Times of day are texts, as in Delta."""
    columns = [column.cast(pa.string()) if pa.types.is_time(column.type) else column for column in table.columns]
    return pa.table(columns, names=table.column_names)


def differences(found: Sequence[Mapping[str, Any]], wanted: Sequence[Mapping[str, Any]]) -> list[str]:
    """What differs between the rows, whatever their order."""
    if len(found) != len(wanted):
        return [f"{len(found)} rows instead of {len(wanted)}: {list(found)[:3]} / {list(wanted)[:3]}"]
    names = sorted(wanted[0]) if wanted else []
    if wanted and sorted(found[0]) != names:
        return [f"columns {sorted(found[0])} instead of {names}"]
    pairs = zip(sorted(found, key=_order(names)), sorted(wanted, key=_order(names)), strict=True)
    told = (
        f"{name}: {one[name]!r} instead of {other[name]!r} in {_shown(other)}"
        for one, other in pairs
        for name in names
        if not _is_same(one[name], other[name])
    )
    return list(told)[:5]


def _shown(row: Mapping[str, Any]) -> str:
    text = str(dict(row))
    return text if len(text) < 600 else f"{text[:600]}…"


def _order(names: Sequence[str]) -> Any:
    exact = ["id"] if "id" in names else [*names]

    def key(row: Mapping[str, Any]) -> list[str]:
        return [repr(_rough(row[name])) for name in exact]

    return key


def _rough(value: Any) -> Any:
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return f"{float(value) + 0.0:.6g}".removeprefix("-n").removeprefix("n")
    if isinstance(value, time):
        return value.isoformat("microseconds")
    return value.timestamp() if isinstance(value, datetime) and value.tzinfo else value


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(other, time):
        return bool(one == other.isoformat("microseconds"))
    if isinstance(one, datetime) and isinstance(other, datetime) and one.tzinfo and other.tzinfo:
        # An hour that a clock has twice is no equal of another zone's in Python.
        return one.timestamp() == other.timestamp()
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_is_same, one, other))
    if isinstance(one, int | float | Decimal) and isinstance(other, int | float | Decimal):
        numbers = (float(one), float(other))
        return math.isclose(*numbers, rel_tol=RELATIVE, abs_tol=1e-9) or all(map(math.isnan, numbers))
    return bool(one == other)
