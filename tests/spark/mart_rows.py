"""The SELECTs of a workspace's marts on both engines, over inputs that are written once for all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from citylake.pipelines.marts.make.delta_views import create_typed_table
from citylake.pipelines.marts.make.mart_engine import sql_identifier
from citylake.pipelines.marts.make.mart_plan import plan_mart_tables
from citylake.pipelines.marts.plan.mart_binder import MartBinder
from citylake.pipelines.marts.plan.mart_inputs import mart_inputs
from citylake.pipelines.marts.spark.transpile_select import SparkSelect
from citylake.schemas.read.registry import Registry
from tests.spark.random_rows import RandomRows, key_of
from tests.spark.same_rows import Shapes, duckdb_rows, spark_rows, transpiled, write_input

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from pyspark.sql.connect.session import SparkSession

Both = tuple[list[dict[str, Any]], list[Mapping[str, Any]]]
"""The rows of the endpoint and of DuckDB."""


@dataclass(frozen=True)
class MartSelect:
    """The SELECT of one table, in both dialects."""

    mart: str
    name: str
    sql: str
    select: SparkSelect
    shapes: Shapes


def mart_selects(registry: Registry, binder: MartBinder) -> Iterator[MartSelect]:
    """Yield the SELECT of every table of a workspace."""
    for mart in registry.marts.values():
        for name, plan in plan_mart_tables(mart, registry).items():
            shapes = {parts: dict(shape) for _, parts, shape in mart_inputs(binder, mart, plan)}
            select = transpiled(plan, shapes, registry.workspace)
            yield MartSelect(mart.mart, f"{mart.mart}.{name}", plan.sql, select, shapes)


@dataclass
class MartRows:
    """Runs SELECTs on both engines, over inputs of which each is made once."""

    registry: Registry
    session: SparkSession
    connection: DuckDBPyConnection
    folder: Path
    _views: dict[str, str] = field(default_factory=dict)
    _stands: dict[tuple[str, ...], str] = field(default_factory=dict)

    def both(self, one: MartSelect, odd: RandomRows | None, plain: RandomRows | None) -> Both:
        """The rows of both engines over ``odd`` rows; over ``plain`` ones where odd numbers are an error in DuckDB.

        Without either: over no rows.
        """
        try:
            return self._both(one, odd)
        except duckdb.Error:
            if plain is None:
                raise
            return self._both(one, plain)

    def of_duckdb(self, one: MartSelect, rows: RandomRows | None) -> list[Mapping[str, Any]]:
        """The rows of DuckDB alone."""
        for parts, shape in one.shapes.items():
            self._fill(one.mart, parts, shape, rows)
        return duckdb_rows(self.connection, one.sql)

    def _both(self, one: MartSelect, rows: RandomRows | None) -> Both:
        wanted = self.of_duckdb(one, rows)
        keys = {parts: self._fill(one.mart, parts, shape, rows) for parts, shape in one.shapes.items()}
        views = {view: self._view(keys[parts], parts, one.shapes[parts]) for parts, view in one.select.views.items()}
        sql = re.sub(r"`(in_\d+)`", lambda found: f"`{views[found[1]]}`", one.select.sql)
        return spark_rows(self.session, sql), wanted

    def _fill(self, mart: str, parts: tuple[str, ...], shape: Mapping[str, str], rows: RandomRows | None) -> str:
        """Let the table ``parts`` of DuckDB have the rows; returns what tells them from all others."""
        told = f"{mart if len(parts) == 1 else ''} {parts} {sorted(shape.items())} {rows and rows.odd}"
        if self._stands.get(parts) == told:
            return told
        create_typed_table(self.connection, parts, shape)
        if rows is not None:
            made = rows.of(".".join(parts), shape, key_of(self.registry, mart, parts))
            self.connection.register("random_rows", pa.Table.from_pylist(made))
            columns = ", ".join(f"CAST({sql_identifier(c)} AS {kind})" for c, kind in shape.items())
            self.connection.execute(f"INSERT INTO {sql_identifier(*parts)} SELECT {columns} FROM random_rows")
            self.connection.unregister("random_rows")
        self._stands[parts] = told
        return told

    def _view(self, told: str, parts: tuple[str, ...], shape: Mapping[str, str]) -> str:
        """The endpoint's view of the rows that stand in DuckDB's table."""
        if told not in self._views:
            view = f"input_{len(self._views)}"
            write_input(self.session, self.connection, parts, shape, view, self.folder / f"{view}.parquet")
            self._views[told] = view
        return self._views[told]
