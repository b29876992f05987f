"""A mart's run: from the standard tables, and other marts' tables, to its own, column by column as its SQL says."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from pipelines.build.plan import TablePlan, plan
from pipelines.build.shape import of_table
from pipelines.context import Context
from pipelines.lake import Lake
from pipelines.lineage.datasets import read_table
from pipelines.lineage.model import Column, Link, Made, Place, Table, Told
from pipelines.lineage.notes import said
from pipelines.lineage.places import place_of
from pipelines.records import Publication
from schemas.declaration import Text
from schemas.lineage import Lineage
from schemas.mart import Mart, MartTable
from schemas.mart_select import Source, Ways
from schemas.registry import Registry


def told_of(context: Context, mart: Mart, done: Publication | None = None) -> Told:
    """What is known of a mart's run; before it, without ``done``, what it is going to read and write."""
    planned, lineage = plan(mart, context.registry), Lineage(context.registry)
    tables = [_table(context, mart, name, lineage, done) for name in planned]
    return Told(
        job=f"mart.{mart.mart}",
        title=mart.title,
        inputs=tuple(_inputs(context, planned.values(), done)),
        outputs=(*tables, _published(context.lake, mart, done)),
        sql="\n\n".join(table.sql.strip() + ";" for table in planned.values()),
        stopped=done is not None and done.status in ("held", "failed"),
        problems=done.problems if done and done.status in ("held", "failed") else (),
    )


def place_in(lake: Lake, name: str) -> Place:
    """The place of a dataset's standard table, or of ``mart.<mart>.<table>``."""
    parts = name.split(".")
    return place_of(lake.curated(parts[1], parts[2]) if parts[0] == "mart" and len(parts) == 3 else lake.standard(name))


def _inputs(context: Context, planned: Collection[TablePlan], done: Publication | None) -> Iterator[Table]:
    registry, versions = context.registry, done.versions if done else {}
    datasets = sorted({name for table in planned for name in table.datasets})
    others = sorted({other for table in planned for other in table.foreign})
    for name in datasets:
        yield read_table(context, name, _version(versions, name))
    for other, name in others:
        table, full = registry.marts[other].tables[name], f"mart.{other}.{name}"
        made = Made(_version(versions, full))
        yield Table(place_in(context.lake, full), table.title, _columns(table, registry), made=made)


def _version(versions: Mapping[str, int], name: str) -> int | None:
    version = versions.get(name, -1)
    return version if version >= 0 else None


def _table(context: Context, mart: Mart, name: str, lineage: Lineage, done: Publication | None) -> Table:
    table, full = mart.tables[name], f"mart.{mart.mart}.{name}"
    made = lineage.made(mart.mart, name)
    return Table(
        place=place_in(context.lake, full),
        title=table.title,
        columns=_columns(table, context.registry),
        links={column: _links(context, ways) for column, ways in made.columns.items() if ways},
        rows=_links(context, made.rows),
        made=_result(full, name, done),
    )


def _columns(table: MartTable, registry: Registry) -> tuple[Column, ...]:
    # Only building tells the type of a column that no element gives one.
    types = of_table(table, registry, dict.fromkeys(table.columns, ""))
    about = {
        name: registry.elements[column.element].name if column.element else column.text
        for name, column in table.columns.items()
    }
    return tuple(Column(name, types[name] or None, about[name]) for name in table.columns)


def _links(context: Context, ways: Ways) -> tuple[Link, ...]:
    # A dataset that this city does not have is read as a table without rows: nothing comes from there.
    known = [source for source in sorted(ways) if _is_known(source, context.registry)]
    return tuple(
        Link(place_in(context.lake, source[0]), source[1], how) for source in known for how in sorted(ways[source])
    )


def _is_known(source: Source, registry: Registry) -> bool:
    return source[0] in registry.contracts or source[0].startswith("mart.")


def _result(full: str, name: str, done: Publication | None) -> Made:
    if done is None:
        return Made()
    checks = tuple(
        replace(check, name=check.name.removeprefix(f"{name}: "))
        for check in done.checks
        if check.name.startswith(f"{name}: ")
    )
    whole, published = done.days.get(name, ()) is None, done.status == "published"
    version, rows = done.versions.get(full), done.tables.get(name)
    # Of a table that is made day by day, how many rows were written is not counted.
    written = rows if whole and published else None
    return Made(version, written, published and version == 0, whole and published, rows, checks)


def _published(lake: Lake, mart: Mart, done: Publication | None) -> Table:
    title = Text(zh=said("published", title=mart.title.zh).zh, en=said("published", title=mart.title.en).en)
    return Table(place_of(lake.mart(mart.mart)), title, made=Made(version=done.version if done else None))
