"""Computes tables of a mart by its SELECTs over given versions of the inputs; nothing is written to the lake."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from citylake.pipelines.history.diff.event_days import lookback_days
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.make.delta_views import (
    create_curated_view,
    create_delta_view,
    create_empty_view,
    create_standard_view,
)
from citylake.pipelines.marts.make.mart_engine import sql_identifier
from citylake.pipelines.marts.make.mart_plan import TablePlan, plan_mart_tables
from citylake.pipelines.marts.make.shifted_days import partition_days
from citylake.pipelines.marts.make.table_build import TableBuild, table_select_sql
from citylake.schemas.model.entity import ENTITY_SCHEMA, LINK_COLUMNS
from citylake.schemas.model.mart import Mart
from citylake.schemas.read.registry import Registry

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class ComputedTables:
    """The ``tables`` of a mart, and those of the mart that they read, in order."""

    connection: DuckDBPyConnection
    lake: Lake
    registry: Registry
    mart: Mart
    plans: Mapping[str, TablePlan]

    @property
    def by_day(self) -> bool:
        """Whether single days can be computed: every table has days."""
        return all(self.mart.tables[name].day for name in self.plans)

    def create(self, versions: Mapping[str, int], days: Collection[date] | None) -> None:
        """Let each table be a view by its own name, over the inputs in ``versions``; ``days``: None for all.

        Raises CitylakeError, DeltaError, OSError and duckdb.Error if that cannot be computed.
        """
        back = lookback_days(self.mart)
        read = None if days is None else {day - timedelta(n) for day in days for n in range(back + 1)}
        for name, plan in self.plans.items():
            self._create_inputs(plan, versions, read)
            work = TableBuild(self.mart, name, plan, self.registry, self.lake)
            chosen = None if days is None else tuple(sorted(days))
            select = table_select_sql(self.connection, work, None, chosen, {})
            self.connection.execute(f"CREATE OR REPLACE VIEW {sql_identifier(name)} AS {select}")

    def _create_inputs(self, plan: TablePlan, versions: Mapping[str, int], days: set[date] | None) -> None:
        connection, lake, registry = self.connection, self.lake, self.registry
        for dataset in sorted(plan.datasets):
            partitions = partition_days(dataset, registry, days)
            create_standard_view(connection, lake, registry, dataset, partitions, versions[dataset], once=True)
        for dataset in sorted(plan.absent):
            create_empty_view(connection, registry, self.mart, dataset)
        for entity in sorted(plan.entities):
            name, root = (ENTITY_SCHEMA, entity), lake.curated(ENTITY_SCHEMA, entity)
            version = versions[".".join(name)]
            create_delta_view(connection, lake, name, root, LINK_COLUMNS, None, None, once=True, version=version)
        for mart, table in sorted(plan.foreign):
            version = versions[f"mart.{mart}.{table}"]
            place = ("mart", mart, table)
            create_curated_view(connection, lake, registry, (mart, table), place, days, once=True, version=version)


def plan_computed(
    connection: DuckDBPyConnection, lake: Lake, registry: Registry, mart: Mart, tables: Sequence[str]
) -> ComputedTables:
    """Return what computes ``tables``. Raises the errors of ``plan_mart_tables``."""
    plans = plan_mart_tables(mart, registry)
    needed, waiting = set[str](), list(tables)
    while waiting:
        name = waiting.pop()
        needed.add(name)
        waiting += sorted(plans[name].siblings - needed)
    return ComputedTables(
        connection, lake, registry, mart, {name: plan for name, plan in plans.items() if name in needed}
    )
