"""Conform, audit and commit of one dataset: receipts are grouped into batches, and each batch is processed alone."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from citylake.pipelines.blocks.source_rows import SourceRows
from citylake.pipelines.commit.commit_batch import commit_staged_batch, counts_after_commit
from citylake.pipelines.commit.quarantine_commit import RefreshBatch
from citylake.pipelines.conform.batch_history import refresh_history
from citylake.pipelines.conform.bind.bound_column import bind_columns
from citylake.pipelines.conform.bind.former_names import field_renames
from citylake.pipelines.conform.bind.refused_values import refusable_columns
from citylake.pipelines.conform.stage_batch import stage_batch, stage_empty_batch
from citylake.pipelines.context import RunContext
from citylake.pipelines.flow.audit_history import find_table_history
from citylake.pipelines.flow.sensor_audit import audit_sensors
from citylake.pipelines.lake.conflict_retry import noted_conflicts
from citylake.pipelines.lake.delta_table import open_delta_if_exists
from citylake.pipelines.lake.duckdb_connection import open_lake_duckdb
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.read.masked_problems import mask_checks
from citylake.pipelines.records import BatchResult, BatchStatus, CommitResult, ConformedBatch, PipelineBatch
from citylake.quality.audit import AuditCounts, audit_batch
from citylake.quality.check_result import CheckResult
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import CitylakeError, Problem


def conform_step(context: RunContext, contract: Contract, sources: Sequence[SourceRows]) -> list[PipelineBatch]:
    """One batch for each group of receipts with the same source columns.

    Receipts with neither rows nor fields (JSON without records) belong to the first batch, or make an empty one.
    """
    groups, blank = group_sources(context, contract, sources)
    made = (stage_batch(context, contract, group) for group in groups)
    batches = [batch for batch in made if batch is not None]
    if not blank:
        return batches
    return _add_blank(batches[0], blank, batches[1:]) if batches else [stage_empty_batch(context, contract, blank)]


def group_sources(
    context: RunContext, contract: Contract, sources: Sequence[SourceRows]
) -> tuple[list[list[SourceRows]], list[SourceRows]]:
    """The readable sources by their columns and the names of their time, and those with neither rows nor fields."""
    zone = context.registry.workspace.settings.timezone
    readable = [source for source in sources if source.problem is None]
    blank = [source for source in readable if _is_blank(source, contract)]
    groups: dict[tuple[frozenset[str], frozenset[tuple[str, str]]], list[SourceRows]] = defaultdict(list)
    for source in readable:
        if source not in blank:
            names = field_renames(contract, source.columns, source.receipt, zone)
            groups[frozenset(source.columns), frozenset(names.items())].append(source)
    return list(groups.values()), blank


def _is_blank(source: SourceRows, contract: Contract) -> bool:
    """Whether the only fields come from the file's name, and there are no rows."""
    from_name = re.compile(contract.source.name_fields or "").groupindex
    return set(source.columns) <= set(from_name) and not source.estimate_rows()


def _add_blank(
    first: PipelineBatch, blank: Sequence[SourceRows], others: Sequence[PipelineBatch]
) -> list[PipelineBatch]:
    receipts = (*first.result.receipts, *(source.receipt for source in blank))
    return [replace(first, result=replace(first.result, receipts=receipts)), *others]


def audit_step(context: RunContext, contract: Contract, batch: PipelineBatch) -> PipelineBatch:
    """Evaluate the expectations on a staged batch and record them; a broken one of severity error holds the batch."""
    if batch.staged is None or not batch.is_staged:
        return batch
    found = mask_checks(contract, context.registry, _run_audit(context, contract, batch.staged))
    checks = [_with_batch(check, batch.staged.batch) for check in found]
    context.ledger.add_checks(context.run.id, contract.dataset, batch.staged.batch, checks)
    held = any(check.holds for check in checks)
    problems = (*batch.result.problems, *(check.problem for check in checks if check.problem))
    status: BatchStatus = "held" if held else "staged"
    return replace(batch, result=replace(batch.result, status=status, checks=tuple(checks), problems=problems))


def _with_batch(check: CheckResult, batch: str) -> CheckResult:
    """The advice names the batch in the command that releases it."""
    problem = check.problem and Problem(check.problem.code, {**check.problem.values, "batch": batch})
    return replace(check, problem=problem)


def _run_audit(context: RunContext, contract: Contract, staged: ConformedBatch) -> list[CheckResult]:
    counts = AuditCounts(
        staged.counts.rows_in - staged.counts.filtered,
        staged.counts.standard,
        staged.counts.quarantined,
        staged.counts.values_refused,
        len(refusable_columns(contract, bind_columns(contract, context.registry))),
    )
    references = {name.dataset: active_files(context.lake, name.dataset) for name in contract.references}
    now = datetime.now(UTC)
    history = find_table_history(context, contract, staged, now)
    with open_lake_duckdb(context.lake, context.budget.engine) as connection:
        checks = audit_batch(
            contract, counts, connection, files=staged.standard, now=now, references=references, history=history
        )
    return [*checks, *audit_sensors(context, contract, staged, references)]


def active_files(lake: Lake, dataset: str) -> list[str]:
    """The Parquet files of the standard table's current version; none if the table does not exist."""
    table = open_delta_if_exists(lake, lake.standard(dataset))
    return [] if table is None else table.file_uris()


def commit_step(
    context: RunContext, contract: Contract, batch: PipelineBatch, *, overtaking: int | None = None
) -> PipelineBatch:
    """Commit a staged batch. Its counts become those of the table: rows that were there already are duplicates.

    ``overtaking``: the receipts are old ones, which another run may have received again since they were chosen; the
    greatest number of the receipts that the ledger had then.
    """
    if batch.staged is None or not batch.is_staged:
        return batch
    try:
        refresh = present_history(context, contract, overtaking)
        with noted_conflicts() as met:
            done = commit_staged_batch(contract, context.registry, batch.staged, context.lake, refresh)
        done = replace(done, planned_again=met.total())
    except CitylakeError as error:
        return replace(batch, result=batch.result.stopped(error))
    return committed_batch(context, contract, batch, done)


def present_history(context: RunContext, contract: Contract, overtaking: int | None = None) -> RefreshBatch:
    """What gives a batch its history as it is when this is called."""
    return partial(refresh_history, context, contract, known=overtaking)


def committed_batch(context: RunContext, contract: Contract, batch: PipelineBatch, done: CommitResult) -> PipelineBatch:
    """The batch as committed; its categories and the acts that it knew are recorded."""
    if batch.staged is not None:
        context.ledger.add_categories(contract.dataset, batch.staged.categories, batch.staged.batch)
        context.ledger.add_applied(contract.dataset, batch.staged.batch, batch.staged.applied)
    return replace(batch, result=_committed_result(batch.result, done))


def _committed_result(result: BatchResult, done: CommitResult) -> BatchResult:
    return replace(
        result,
        status="committed",
        counts=counts_after_commit(result.counts, done),
        days=done.days,
        superseded=done.superseded,
        table_version=done.version,
        planned_again=done.planned_again,
    )
