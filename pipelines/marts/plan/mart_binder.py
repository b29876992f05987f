"""Binds every SELECT of a mart against empty tables that have the columns and types of the declarations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Self

import duckdb

from citylake.pipelines.lake.duckdb_connection import NO_AUTOINSTALL
from citylake.pipelines.marts.functions.function_api import register_mart_functions
from citylake.pipelines.marts.functions.workspace_days import workspace_days
from citylake.pipelines.marts.make.delta_views import create_typed_table, optional_table_types
from citylake.pipelines.marts.make.duckdb_types import mart_table_types, standard_table_types
from citylake.pipelines.marts.make.mart_engine import ROOM, confine_files, drop_temporary, sql_identifier
from citylake.pipelines.marts.make.mart_plan import TablePlan, plan_mart_tables
from citylake.pipelines.marts.make.spatial_extension import load_spatial_extension
from citylake.pipelines.marts.plan.bound_select import BindError, BoundSelect, bind_select
from citylake.schemas.model.entity import ENTITY_SCHEMA, LINK_COLUMNS
from citylake.schemas.model.mart import Mart
from citylake.schemas.model.suppression import flag_column
from citylake.schemas.read.registry import Registry
from citylake.schemas.sql.spatial_names import uses_spatial_functions
from citylake.schemas.words.errors import CitylakeError


@dataclass(frozen=True, slots=True)
class BoundMart:
    """The SELECTs of a mart in build order, by table: bound, or the reason why not; and its questions that are not."""

    mart: Mart
    plans: Mapping[str, TablePlan]
    bound: Mapping[str, BoundSelect]
    faults: Mapping[str, BindError]
    unbound_questions: Mapping[int, BindError]


class MartBinder:
    """One DuckDB instance without any data, started on first use. It reads no file."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self._held = ExitStack()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._spatial = False
        self._bound: dict[str, BoundMart] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()
        self._connection = None

    def bind_mart(self, mart: str) -> BoundMart:
        """Return the bound SELECTs of ``mart``. Raises what :func:`plan_mart_tables` raises."""
        if mart not in self._bound:
            declared = self.registry.marts[mart]
            plans = plan_mart_tables(declared, self.registry)
            others = {other for plan in plans.values() for other, _ in plan.foreign} - {mart}
            shapes = {other: self._shapes(other) for other in sorted(others)}
            self._bound[mart] = self._bind(declared, plans, shapes)
        return self._bound[mart]

    def _shapes(self, mart: str) -> Mapping[str, Mapping[str, str]]:
        """Table → column → type of another mart; tables that cannot be bound are left out."""
        try:
            found = self.bind_mart(mart)
        except CitylakeError:
            return {}
        return {name: self._shape(found.mart, name, bound) for name, bound in found.bound.items()}

    def _shape(self, mart: Mart, table: str, bound: BoundSelect) -> dict[str, str]:
        made = {name: bound.columns.get(name, "VARCHAR") for name in mart.tables[table].columns}
        return mart_table_types(mart.tables[table], self.registry, made)

    def _bind(
        self, mart: Mart, plans: Mapping[str, TablePlan], shapes: Mapping[str, Mapping[str, Mapping[str, str]]]
    ) -> BoundMart:
        bound, faults = dict[str, BoundSelect](), dict[str, BindError]()
        asked = (*(plan.sql for plan in plans.values()), *(question.sql for question in mart.questions))
        with self.room(*asked) as connection:
            for name, plan in plans.items():
                self._create_inputs(connection, mart, plan, shapes)
                try:
                    bound[name] = bind_select(connection, plan.sql)
                except BindError as error:
                    faults[name] = error
                    continue
                create_typed_table(connection, (name,), self._shape(mart, name, bound[name]))
            # A table that cannot be bound is one fault, and not one more for each question about it.
            unbound = {} if faults else dict(_unbound_questions(connection, mart))
        return BoundMart(mart, plans, bound, faults, unbound)

    @contextmanager
    def room(self, *selects: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield the connection with an empty database, which is dropped afterwards.

        ``selects``: SQL that will be bound, with the extension that its functions need; by default that of every mart.
        """
        spatial = any(map(uses_spatial_functions, selects)) if selects else self._uses_spatial()
        connection = self._started(spatial=spatial)
        connection.execute(f"ATTACH ':memory:' AS {ROOM}; USE {ROOM}")
        try:
            yield connection
        finally:
            drop_temporary(connection)

    def _create_inputs(
        self,
        connection: duckdb.DuckDBPyConnection,
        mart: Mart,
        plan: TablePlan,
        shapes: Mapping[str, Mapping[str, Mapping[str, str]]],
    ) -> None:
        registry = self.registry
        for dataset in sorted(plan.datasets):
            shape = standard_table_types(registry.contracts[dataset], registry)
            create_typed_table(connection, tuple(dataset.split(".")), shape)
        for dataset in sorted(plan.absent):
            create_typed_table(connection, tuple(dataset.split(".")), optional_table_types(registry, mart, dataset))
        for entity in sorted(plan.entities):
            create_typed_table(connection, (ENTITY_SCHEMA, entity), LINK_COLUMNS)
        for other, table in sorted(plan.foreign):
            if (known := shapes.get(other, {}).get(table)) is not None:
                create_typed_table(connection, ("mart", other, table), known)

    def _started(self, *, spatial: bool) -> duckdb.DuckDBPyConnection:
        # One that is confined loads no extension any more. It stays open: one of its rooms may be in use.
        if self._connection is None or (spatial and not self._spatial):
            connection = self._held.enter_context(duckdb.connect())
            timezone = self.registry.workspace.settings.timezone
            connection.execute(f"SET TimeZone = '{timezone}'; {NO_AUTOINSTALL}")
            if spatial:
                load_spatial_extension(connection)
            register_mart_functions(connection, timezone, workspace_days(self.registry.workspace))
            confine_files(connection, [])
            self._connection, self._spatial = connection, spatial
        return self._connection

    def _uses_spatial(self) -> bool:
        folders = {place.path.parent for (kind, _), place in self.registry.places.items() if kind == "mart"}
        files = (file for folder in folders for file in folder.glob("*.sql"))
        return any(uses_spatial_functions(file.read_text(encoding="utf-8", errors="replace")) for file in files)


def _unbound_questions(connection: duckdb.DuckDBPyConnection, mart: Mart) -> Iterator[tuple[int, BindError]]:
    # Questions are asked of the published file, which says of each count whether it is hidden.
    for name, table in mart.tables.items():
        for column in table.suppress.columns if table.suppress else ():
            flag = sql_identifier(flag_column(column))
            connection.execute(f"ALTER TABLE {sql_identifier(name)} ADD COLUMN {flag} BOOLEAN")
    for number, question in enumerate(mart.questions):
        try:
            bind_select(connection, question.sql)
        except BindError as error:
            yield number, error
