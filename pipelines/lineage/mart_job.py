"""Lineage of a mart's run: from standard tables and other marts' tables to its own, by column, from its SQL."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from citylake.pipelines.context import RunContext
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lineage.binding_notes import translated_note
from citylake.pipelines.lineage.dataset_job import describe_input_table
from citylake.pipelines.lineage.dataset_names import name_from_url
from citylake.pipelines.lineage.lineage_model import (
    ColumnLink,
    DatasetName,
    JobLineage,
    LineageColumn,
    LineageTable,
    WriteOutcome,
)
from citylake.pipelines.marts.make.duckdb_types import mart_table_types
from citylake.pipelines.marts.make.mart_plan import TablePlan, plan_mart_tables
from citylake.pipelines.records import Publication
from citylake.schemas.base.declaration import LocalizedText
from citylake.schemas.model.entity import ENTITY_SCHEMA, LINK_COLUMNS
from citylake.schemas.model.mart import Mart, MartTable
from citylake.schemas.read.registry import Registry
from citylake.schemas.sql.mart_lineage import MartLineage
from citylake.schemas.sql.select_lineage import ColumnRef, ColumnSources


def describe_mart_job(context: RunContext, mart: Mart, done: Publication | None = None) -> JobLineage:
    """Return the lineage of a mart's run. Without ``done``, at the start: what the run will read and write."""
    planned, lineage = plan_mart_tables(mart, context.registry), MartLineage(context.registry)
    tables = [_mart_table(context, mart, name, lineage, done) for name in planned]
    return JobLineage(
        job=f"mart.{mart.mart}",
        title=mart.title,
        inputs=tuple(_input_tables(context, planned.values(), done)),
        outputs=(*tables, _published_table(context.lake, mart, done)),
        sql="\n\n".join(table.sql.strip() + ";" for table in planned.values()),
        stopped=done is not None and done.status in ("held", "failed"),
        problems=done.problems if done and done.status in ("held", "failed") else (),
    )


def lake_table_name(lake: Lake, name: str) -> DatasetName:
    """Return the OpenLineage name of a dataset's standard table, or of the table ``mart.<mart>.<table>``."""
    parts = name.split(".")
    if parts[0] == ENTITY_SCHEMA:
        return name_from_url(lake.curated(*parts))
    return name_from_url(
        lake.curated(parts[1], parts[2]) if parts[0] == "mart" and len(parts) == 3 else lake.standard(name)
    )


def _input_tables(
    context: RunContext, planned: Collection[TablePlan], done: Publication | None
) -> Iterator[LineageTable]:
    registry, versions = context.registry, done.versions if done else {}
    datasets = sorted({name for table in planned for name in table.datasets})
    others = sorted({other for table in planned for other in table.foreign})
    for name in datasets:
        yield describe_input_table(context, name, _input_version(versions, name))
    for other, name in others:
        table, full = registry.marts[other].tables[name], f"mart.{other}.{name}"
        made = WriteOutcome(_input_version(versions, full))
        yield LineageTable(lake_table_name(context.lake, full), table.title, _columns(table, registry), made=made)
    for entity in sorted({name for table in planned for name in table.entities}):
        declared = registry.entities[entity]
        columns = tuple(LineageColumn(name, kind) for name, kind in LINK_COLUMNS.items())
        made = WriteOutcome(_input_version(versions, declared.table))
        yield LineageTable(lake_table_name(context.lake, declared.table), declared.name, columns, made=made)


def _input_version(versions: Mapping[str, int], name: str) -> int | None:
    version = versions.get(name, -1)
    return version if version >= 0 else None


def _mart_table(
    context: RunContext, mart: Mart, name: str, lineage: MartLineage, done: Publication | None
) -> LineageTable:
    table, full = mart.tables[name], f"mart.{mart.mart}.{name}"
    made = lineage.made(mart.mart, name)
    return LineageTable(
        place=lake_table_name(context.lake, full),
        title=table.title,
        columns=_columns(table, context.registry),
        links={column: _links(context, ways) for column, ways in made.columns.items() if ways},
        rows=_links(context, made.rows),
        made=_mart_outcome(full, name, done),
    )


def _columns(table: MartTable, registry: Registry) -> tuple[LineageColumn, ...]:
    # A column without an element has no declared type; it is known only after the build.
    types = mart_table_types(table, registry, dict.fromkeys(table.columns, ""))
    about = {
        name: registry.elements[column.element].name if column.element else column.text
        for name, column in table.columns.items()
    }
    return tuple(LineageColumn(name, types[name] or None, about[name]) for name in table.columns)


def _links(context: RunContext, ways: ColumnSources) -> tuple[ColumnLink, ...]:
    # An optional dataset that this workspace does not declare is read as an empty table, so it is no origin.
    known = [source for source in sorted(ways) if _is_known(source, context.registry)]
    return tuple(
        ColumnLink(lake_table_name(context.lake, source[0]), source[1], how)
        for source in known
        for how in sorted(ways[source])
    )


def _is_known(source: ColumnRef, registry: Registry) -> bool:
    return source[0] in registry.contracts or source[0].startswith(("mart.", f"{ENTITY_SCHEMA}."))


def _mart_outcome(full: str, name: str, done: Publication | None) -> WriteOutcome:
    if done is None:
        return WriteOutcome()
    checks = tuple(
        replace(check, name=check.name.removeprefix(f"{name}: "))
        for check in done.checks
        if check.name.startswith(f"{name}: ")
    )
    whole, published = done.days.get(name, ()) is None, done.status == "published"
    version, rows = done.versions.get(full), done.tables.get(name)
    # For a table built by day, only the total number of rows is known, not the number of rows written.
    written = rows if whole and published else None
    return WriteOutcome(version, written, published and version == 0, whole and published, rows, checks)


def _published_table(lake: Lake, mart: Mart, done: Publication | None) -> LineageTable:
    title = LocalizedText(
        zh=translated_note("published", title=mart.title.zh).zh, en=translated_note("published", title=mart.title.en).en
    )
    return LineageTable(
        name_from_url(lake.mart(mart.mart)), title, made=WriteOutcome(version=done.version if done else None)
    )
