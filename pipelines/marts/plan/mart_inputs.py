"""The inputs of a mart's table by the declarations: their names in the SELECT, their columns and types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from citylake.pipelines.marts.make.delta_views import optional_table_types
from citylake.pipelines.marts.make.duckdb_types import mart_table_types, standard_table_types
from citylake.pipelines.marts.make.mart_plan import TablePlan
from citylake.pipelines.marts.plan.mart_binder import MartBinder
from citylake.schemas.model.entity import ENTITY_SCHEMA, LINK_COLUMNS
from citylake.schemas.model.mart import Mart


def mart_inputs(
    binder: MartBinder, mart: Mart, plan: TablePlan
) -> Iterator[tuple[str, tuple[str, ...], Mapping[str, str]]]:
    """Yield each input's name, its parts as a name in SQL, and column → DuckDB type."""
    registry = binder.registry
    for dataset in sorted(plan.datasets):
        yield dataset, tuple(dataset.split(".")), standard_table_types(registry.contracts[dataset], registry)
    for dataset in sorted(plan.absent):
        yield dataset, tuple(dataset.split(".")), optional_table_types(registry, mart, dataset)
    for entity in sorted(plan.entities):
        yield f"{ENTITY_SCHEMA}.{entity}", (ENTITY_SCHEMA, entity), LINK_COLUMNS
    for table in sorted(plan.siblings):
        yield table, (table,), _curated_types(binder, mart.mart, table)
    for other, table in sorted(plan.foreign):
        yield f"mart.{other}.{table}", ("mart", other, table), _curated_types(binder, other, table)


def _curated_types(binder: MartBinder, mart: str, table: str) -> Mapping[str, str]:
    bound = binder.bind_mart(mart)
    declared = bound.mart.tables[table]
    made = bound.bound[table].columns if table in bound.bound else {}
    return mart_table_types(declared, binder.registry, dict.fromkeys(declared.columns, "VARCHAR") | dict(made))
