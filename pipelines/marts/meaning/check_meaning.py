"""The check of what the SELECTs of a mart mean."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from citylake.pipelines.marts.meaning.declared_facts import facts_of_table, mart_column_fact
from citylake.pipelines.marts.meaning.select_findings import find_faults
from citylake.pipelines.marts.meaning.table_facts import TableFacts
from citylake.pipelines.marts.plan.bound_select import BoundSelect
from citylake.pipelines.marts.plan.mart_binder import BoundMart, MartBinder
from citylake.pipelines.marts.plan.plan_operators import TableName
from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.model.mart import Mart, MartTable
from citylake.schemas.read.registry import Registry, YamlLocation


def check_meaning(bound: BoundMart, binder: MartBinder) -> Iterator[LintFault]:
    """Yield the findings in the SELECTs of a mart, each at its file and line."""
    for name, select in bound.bound.items():
        yield from check_select(select, bound.plans[name].file, bound.mart, binder.registry, bound.mart.tables[name])


def check_select(
    select: BoundSelect, file: Path, mart: Mart | None, registry: Registry, table: MartTable | None = None
) -> Iterator[LintFault]:
    """Yield the findings in one SELECT over the tables of ``mart``. ``table``: what its columns are declared to be."""
    known: dict[TableName, TableFacts] = {}

    def tables(name: TableName) -> TableFacts:
        if name not in known:
            known[name] = facts_of_table(name, mart, registry)
        return known[name]

    columns = {name: mart_column_fact(name, each, registry) for name, each in table.columns.items()} if table else {}
    for found in find_faults(select, tables, columns):
        values = {"file": file.name, "line": found.line, **found.values}
        yield LintFault(found.code, YamlLocation(file), values, found.line)
