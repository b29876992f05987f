"""A dataset's run: from its source to its standard table, and what was refused beside it."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.build.shape import of_contract
from pipelines.context import Context
from pipelines.lineage.fields import fields_of, source_fields
from pipelines.lineage.model import Column, Link, Made, Place, Table, Told
from pipelines.lineage.notes import said
from pipelines.lineage.places import hidden, place_of, sources_of
from pipelines.lineage.reshaped import Origin
from pipelines.order import needs
from pipelines.records import BatchResult
from schemas.contract import Contract
from schemas.declaration import Text
from schemas.registry import Registry

STOPPED = ("held", "incomplete", "failed")


def told_of(context: Context, contract: Contract, results: Sequence[BatchResult] = ()) -> Told:
    """What is known of a dataset's run; before it, without results, what it is going to read and write."""
    sources = sources_of(contract, context.variables)
    fields = tuple(Column(name) for name in source_fields(contract))
    stopped = [result for result in results if result.status in STOPPED]
    looked_up = [read_table(context, name) for name in sorted(needs(context.registry, contract))]
    return Told(
        job=f"dataset.{contract.dataset}",
        title=contract.title,
        inputs=(*(Table(place, contract.title, fields, owner=contract.owner) for place in sources), *looked_up),
        outputs=(standard_table(context, contract, sources, results), _refused(context, contract, results)),
        stopped=bool(stopped),
        problems=tuple(hidden(problem, contract) for result in stopped for problem in result.problems),
    )


def standard_table(
    context: Context, contract: Contract, sources: Sequence[Place], results: Sequence[BatchResult] = ()
) -> Table:
    """The standard table, each of its columns with the source fields that it is made from."""
    fields = fields_of(contract, context.registry)
    return Table(
        place=place_of(context.lake.standard(contract.dataset)),
        title=contract.description or contract.title,
        columns=standard_columns(contract, context.registry),
        links={column: _links(origins, sources) for column, origins in fields.columns.items() if origins},
        rows=_links(fields.rows, sources),
        owner=contract.owner,
        made=_made(results),
    )


def read_table(context: Context, dataset: str, version: int | None = None) -> Table:
    """A dataset's standard table as something that is read."""
    contract = context.registry.contracts[dataset]
    columns, place = standard_columns(contract, context.registry), place_of(context.lake.standard(dataset))
    return Table(place, contract.title, columns, owner=contract.owner, made=Made(version=version))


def standard_columns(contract: Contract, registry: Registry) -> tuple[Column, ...]:
    """The columns of the standard table, with their types and what they mean."""
    elements = registry.columns(contract)
    meant = {name: registry.elements[element].name for name, element in elements.items()}
    return tuple(Column(name, kind, meant.get(name)) for name, kind in of_contract(contract, registry).items())


def _links(origins: Sequence[Origin], sources: Sequence[Place]) -> tuple[Link, ...]:
    return tuple(Link(place, each.field, each.how, each.note) for each in origins for place in sources)


def _made(results: Sequence[BatchResult]) -> Made:
    done = [result for result in results if result.status == "committed"]
    versions = [result.table_version for result in done if result.table_version is not None]
    counts = [result.counts for result in results]
    checks = tuple(check for result in results for check in result.checks)
    if not done:
        return Made(judged=sum(count.rows_in for count in counts) if checks else None, checks=checks)
    return Made(
        version=max(versions, default=None),
        written=sum(result.counts.standard for result in done),
        # Version 0 is the empty table.
        first=1 in versions,
        judged=sum(count.rows_in for count in counts),
        checks=checks,
    )


def _refused(context: Context, contract: Contract, results: Sequence[BatchResult]) -> Table:
    done = [result for result in results if result.status == "committed"]
    title = Text(zh=said("refused", title=contract.title.zh).zh, en=said("refused", title=contract.title.en).en)
    written = sum(result.counts.quarantined for result in done) if done else None
    place = place_of(context.lake.quarantine(contract.dataset))
    return Table(place, title, owner=contract.owner, made=Made(written=written))
