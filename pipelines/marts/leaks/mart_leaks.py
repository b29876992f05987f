"""What the walk finds for the tables of one mart, and for those of the marts that it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from citylake.pipelines.marts.functions.function_api import Generalisation, generalisations
from citylake.pipelines.marts.leaks.cell_values import CellReader
from citylake.pipelines.marts.leaks.flows import Flow, Flows, hardened, joined_flows
from citylake.pipelines.marts.leaks.leak_walk import GroupedRows, LeakWalk
from citylake.pipelines.marts.leaks.source_columns import (
    SourceColumn,
    SourceTable,
    dataset_table,
    links_table,
    optional_table,
)
from citylake.pipelines.marts.plan.bound_select import BoundSelect
from citylake.pipelines.marts.plan.mart_binder import BoundMart, MartBinder
from citylake.pipelines.marts.plan.plan_operators import TableName
from citylake.schemas.model.mart import Mart, MartColumn
from citylake.schemas.model.sensitivity_level import SensitivityLevel, sensitivity_level
from citylake.schemas.words.errors import CitylakeError

Columns = dict[str, Flows]
"""By column, what flows into it; by the empty name, what decides about the rows."""


@dataclass(frozen=True, slots=True)
class TableLeaks:
    """``columns``: see :data:`Columns`. ``grouped``: aggregates of single rows; ``rows_of``: datasets whose single rows
    the table has, with their ``form``; ``generalised``: by source, in which ways.
    """

    columns: Columns
    grouped: Mapping[int, GroupedRows]
    released: frozenset[int]
    rows_of: frozenset[str]
    form: str
    generalised: Mapping[str, set[str]]


@dataclass(slots=True)
class LeakReader:
    """Walks marts, each once for each highest sensitivity that is asked of it."""

    binder: MartBinder
    _tables: dict[str, SourceTable] = field(default_factory=dict)
    _lowers: dict[str, Generalisation] | None = None
    _found: dict[tuple[str, SensitivityLevel, int], dict[str, TableLeaks]] = field(default_factory=dict)

    def mart(self, bound: BoundMart, highest: SensitivityLevel) -> dict[str, TableLeaks]:
        """Return what is found for each table of a mart that could be bound, in build order."""
        asked = (bound.mart.mart, highest, bound.mart.minimum_group)
        if asked not in self._found:
            self._found[asked] = {}
            self._found[asked] = self._walk_mart(bound, highest)
        return self._found[asked]

    def foreign(self, bound: BoundMart, highest: SensitivityLevel) -> dict[str, TableLeaks]:
        """Return what is found for the tables of other marts that a mart reads, directly or through others."""
        found = dict[str, TableLeaks]()
        waiting = [each for plan in bound.plans.values() for each in sorted(plan.foreign)]
        while waiting:
            mart, table = waiting.pop()
            name = f"mart.{mart}.{table}"
            if name in found or mart == bound.mart.mart:
                continue
            other = self.binder.bind_mart(mart)
            if (leaks := self.mart(other, highest).get(table)) is None:
                continue
            found[name] = leaks
            plan = other.plans[table]
            waiting += [*sorted(plan.foreign), *((mart, each) for each in sorted(plan.siblings))]
        return found

    def _walk_mart(self, bound: BoundMart, highest: SensitivityLevel) -> dict[str, TableLeaks]:
        found, made = dict[str, TableLeaks](), dict[TableName, Mapping[str, Flows]]()
        for name, plan in bound.plans.items():
            if name not in bound.bound:
                continue
            tables = {dataset: self._dataset(dataset) for dataset in plan.datasets}
            tables |= {each: self._optional(bound.mart, each) for each in plan.absent}
            for other, table in plan.foreign:
                made["mart", other, table] = self._foreign(other, table, highest)
            for entity in plan.entities:
                made[("entities", entity)] = self._links(entity, highest)
            found[name] = self._walk_table(bound.bound[name], tables, made, bound.mart, highest)
            made[(name,)] = _as_read(f"{bound.mart.mart}.{name}", found[name].columns)
        return found

    def _walk_table(
        self,
        bound: BoundSelect,
        tables: Mapping[str, SourceTable],
        made: Mapping[TableName, Mapping[str, Flows]],
        mart: Mart,
        highest: SensitivityLevel,
    ) -> TableLeaks:
        if self._lowers is None:
            self._lowers = generalisations()
        generalised = dict[str, set[str]]()
        reader = CellReader(highest, self._lowers, bound.line_of, generalised, mart.minimum_group)
        walk = LeakWalk(reader, tables, made)
        rows = walk.visit(bound.plan)
        columns = {name: cell.flows for name, cell in zip(bound.columns, rows.cells, strict=True)}
        columns[""] = rows.presence
        released = frozenset(reader.released)
        return TableLeaks(columns, walk.grouped, released, rows.datasets, rows.form, generalised)

    def _dataset(self, dataset: str) -> SourceTable:
        if dataset not in self._tables:
            registry = self.binder.registry
            self._tables[dataset] = dataset_table(registry.contracts[dataset], registry)
        return self._tables[dataset]

    def _optional(self, mart: Mart, dataset: str) -> SourceTable:
        return optional_table(dataset, mart.optional[dataset], self.binder.registry)

    def _links(self, entity: str, highest: SensitivityLevel) -> Columns:
        registry = self.binder.registry
        declared = registry.entities[entity]
        known = {name: self._dataset(name) for name in declared.records if name in registry.contracts}
        table = links_table(declared, known)
        above = {name: each for name, each in table.columns.items() if each.level.exceeds(highest)}
        return {
            name: frozenset({Flow(above[name], above[name].level, "other")}) if name in above else frozenset()
            for name in (*table.columns, "dataset", "valid_from", "valid_to", "stage", "score", "reviewer", "")
        }

    def _foreign(self, mart: str, table: str, highest: SensitivityLevel) -> Mapping[str, Flows]:
        """Return a table of another mart: what is found for it there, and what its columns are declared to be."""
        try:
            bound = self.binder.bind_mart(mart)
        except CitylakeError:
            return {}
        found = self.mart(bound, highest).get(table)
        columns = dict(found.columns) if found else {}
        for name, column in bound.mart.tables[table].columns.items():
            columns[name] = joined_flows(
                [columns.get(name, frozenset()), self._declared(mart, table, name, column, highest)]
            )
        return _as_read(f"mart.{mart}.{table}", columns)

    def _declared(self, mart: str, table: str, name: str, column: MartColumn, highest: SensitivityLevel) -> Flows:
        element = self.binder.registry.elements.get(column.element or "")
        level = sensitivity_level(element.sensitivity) if element else SensitivityLevel()
        if not level.exceeds(highest):
            return frozenset()
        return frozenset({Flow(SourceColumn(f"mart.{mart}.{table}", name, level), level, "other")})


def _as_read(table: str, columns: Mapping[str, Flows]) -> Columns:
    """Columns of a table as another SELECT reads them."""
    return {name: hardened(flows, f"{table}.{name}" if name else table) for name, flows in columns.items()}
