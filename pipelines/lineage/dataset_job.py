"""Lineage of a dataset's run: from its source to its standard table and its quarantine."""

from __future__ import annotations

from collections.abc import Sequence

from citylake.pipelines.context import RunContext
from citylake.pipelines.lineage.binding_notes import translated_note
from citylake.pipelines.lineage.column_origins import list_source_fields, trace_column_origins
from citylake.pipelines.lineage.dataset_names import list_source_names, name_from_url, redact_problem
from citylake.pipelines.lineage.field_origins import FieldOrigin
from citylake.pipelines.lineage.lineage_model import (
    ColumnLink,
    DatasetName,
    JobLineage,
    LineageColumn,
    LineageTable,
    WriteOutcome,
)
from citylake.pipelines.marts.make.duckdb_types import standard_table_types
from citylake.pipelines.records import BatchResult
from citylake.schemas.base.declaration import LocalizedText
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.reference_order import dataset_dependencies
from citylake.schemas.read.registry import Registry

STOPPED_STATUSES = ("held", "incomplete", "failed")


def describe_dataset_job(context: RunContext, contract: Contract, results: Sequence[BatchResult] = ()) -> JobLineage:
    """Return the lineage of a dataset's run. Without ``results``, at the start: what the run will read and write."""
    sources = list_source_names(contract, context.variables)
    fields = tuple(LineageColumn(name) for name in list_source_fields(contract))
    stopped = [result for result in results if result.status in STOPPED_STATUSES]
    looked_up = [
        describe_input_table(context, name) for name in sorted(dataset_dependencies(context.registry, contract))
    ]
    return JobLineage(
        job=f"dataset.{contract.dataset}",
        title=contract.title,
        inputs=(*(LineageTable(place, contract.title, fields, owner=contract.owner) for place in sources), *looked_up),
        outputs=(
            describe_standard_table(context, contract, sources, results),
            _quarantine_table(context, contract, results),
        ),
        stopped=bool(stopped),
        problems=tuple(redact_problem(problem, contract) for result in stopped for problem in result.problems),
    )


def describe_standard_table(
    context: RunContext, contract: Contract, sources: Sequence[DatasetName], results: Sequence[BatchResult] = ()
) -> LineageTable:
    """Return the standard table as an output, each column with its source fields."""
    fields = trace_column_origins(contract, context.registry)
    return LineageTable(
        place=name_from_url(context.lake.standard(contract.dataset)),
        title=contract.description or contract.title,
        columns=describe_standard_columns(contract, context.registry),
        links={column: _column_links(origins, sources) for column, origins in fields.columns.items() if origins},
        rows=_column_links(fields.rows, sources),
        owner=contract.owner,
        made=_write_outcome(results),
    )


def describe_input_table(context: RunContext, dataset: str, version: int | None = None) -> LineageTable:
    """Return a dataset's standard table as an input, at a Delta ``version`` if given."""
    contract = context.registry.contracts[dataset]
    columns, place = (
        describe_standard_columns(contract, context.registry),
        name_from_url(context.lake.standard(dataset)),
    )
    return LineageTable(place, contract.title, columns, owner=contract.owner, made=WriteOutcome(version=version))


def describe_standard_columns(contract: Contract, registry: Registry) -> tuple[LineageColumn, ...]:
    """Return the columns of the standard table, with DuckDB types and the names of their elements."""
    elements = registry.columns(contract)
    meant = {name: registry.elements[element].name for name, element in elements.items()}
    return tuple(
        LineageColumn(name, kind, meant.get(name)) for name, kind in standard_table_types(contract, registry).items()
    )


def _column_links(origins: Sequence[FieldOrigin], sources: Sequence[DatasetName]) -> tuple[ColumnLink, ...]:
    return tuple(ColumnLink(place, each.field, each.how, each.note) for each in origins for place in sources)


def _write_outcome(results: Sequence[BatchResult]) -> WriteOutcome:
    done = [result for result in results if result.status == "committed"]
    versions = [result.table_version for result in done if result.table_version is not None]
    counts = [result.counts for result in results]
    checks = tuple(check for result in results for check in result.checks)
    if not done:
        return WriteOutcome(judged=sum(count.rows_in for count in counts) if checks else None, checks=checks)
    return WriteOutcome(
        version=max(versions, default=None),
        written=sum(result.counts.standard for result in done),
        # Version 0 is the empty table.
        first=1 in versions,
        judged=sum(count.rows_in for count in counts),
        checks=checks,
    )


def _quarantine_table(context: RunContext, contract: Contract, results: Sequence[BatchResult]) -> LineageTable:
    done = [result for result in results if result.status == "committed"]
    title = LocalizedText(
        zh=translated_note("refused", title=contract.title.zh).zh,
        en=translated_note("refused", title=contract.title.en).en,
    )
    written = sum(result.counts.quarantined for result in done) if done else None
    place = name_from_url(context.lake.quarantine(contract.dataset))
    return LineageTable(place, title, owner=contract.owner, made=WriteOutcome(written=written))
