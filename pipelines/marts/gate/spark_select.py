"""Whether the SELECT of a table that may run on Spark can be written in Spark's SQL."""

from __future__ import annotations

from collections.abc import Iterator

from citylake.pipelines.marts.functions.function_api import installed_spark_functions
from citylake.pipelines.marts.functions.workspace_days import workspace_days
from citylake.pipelines.marts.gate.column_types import CheckedTable
from citylake.pipelines.marts.plan.mart_binder import MartBinder
from citylake.pipelines.marts.plan.mart_inputs import mart_inputs
from citylake.pipelines.marts.spark.transpile_select import transpile_select
from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.model.mart import Mart
from citylake.schemas.read.registry import YamlLocation


def check_spark(table: CheckedTable, mart: Mart, binder: MartBinder) -> Iterator[LintFault]:
    """SPARK_SELECT_UNSUPPORTED for every expression that Spark does not compute as DuckDB does."""
    if table.declared.engine == "duckdb":
        return
    workspace = binder.registry.workspace
    shapes = {parts: dict(columns) for _, parts, columns in mart_inputs(binder, mart, table.plan)}
    functions = installed_spark_functions(workspace_days(workspace))
    made = transpile_select(table.plan.sql, shapes, workspace.settings.timezone, functions)
    for refused in made.refused:
        values = {"file": table.plan.file.name, "expression": refused.text, "why": refused.why, "line": refused.line}
        yield LintFault("SPARK_SELECT_UNSUPPORTED", YamlLocation(table.plan.file), values, refused.line)
