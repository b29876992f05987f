"""The steps after the pull: parse → conform → audit → commit. Each can run alone, in its own process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from citylake.pipelines.commit.commit_batch import commit_staged_batch, counts_after_commit
from citylake.pipelines.conform.conform_batch import BatchItem
from citylake.pipelines.context import RunContext
from citylake.pipelines.flow.stage_batches import PipelineBatch, conform_step, stop_batch
from citylake.pipelines.lake.delta_table import open_delta_if_exists
from citylake.pipelines.lake.duckdb_connection import open_lake_duckdb
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.parse.parse_receipt import open_receipt, parse_receipt
from citylake.pipelines.records import BatchResult, BatchStatus, CommitResult, ConformedBatch, ParsedReceipt, Receipt
from citylake.quality.audit import AuditCounts, audit_batch
from citylake.quality.check_result import CheckResult
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import CitylakeError

__all__ = ["active_files", "audit_step", "commit_step", "conform_step", "open_step", "parse_step"]


def parse_step(context: RunContext, contract: Contract, receipts: Sequence[Receipt]) -> list[ParsedReceipt]:
    """Read the bytes of every receipt that has new ones."""
    received = [receipt for receipt in receipts if receipt.status == "received"]
    return [parse_receipt(receipt, contract, context.lake, context.budget) for receipt in received]


def open_step(
    context: RunContext, contract: Contract, receipts: Sequence[Receipt], scratch: Path
) -> Sequence[BatchItem]:
    """The same where conform follows at once: what is plain is read only there, into both zones in one pass."""
    if contract.reshape:
        return parse_step(context, contract, receipts)
    received = [receipt for receipt in receipts if receipt.status == "received"]
    return [open_receipt(receipt, contract, context.lake, scratch) for receipt in received]


def audit_step(context: RunContext, contract: Contract, batch: PipelineBatch) -> PipelineBatch:
    """Judge the staged batch, and keep the judgement."""
    if batch.staged is None or not batch.open:
        return batch
    checks = _run_audit(context, contract, batch.staged)
    context.ledger.add_checks(context.run.id, contract.dataset, batch.staged.batch, checks)
    broken = [check for check in checks if not check.passed]
    held = any(check.severity == "error" for check in broken)
    problems = (*batch.result.problems, *(check.problem for check in broken if check.problem))
    status: BatchStatus = "held" if held else "committed"
    return replace(batch, result=replace(batch.result, status=status, checks=tuple(checks), problems=problems))


def _run_audit(context: RunContext, contract: Contract, staged: ConformedBatch) -> list[CheckResult]:
    counts = AuditCounts(
        staged.counts.rows_in,
        staged.counts.standard,
        staged.counts.quarantined,
        context.ledger.history(contract.dataset),
    )
    references = {name.dataset: active_files(context.lake, name.dataset) for name in contract.references}
    with open_lake_duckdb(context.lake, context.budget.engine) as connection:
        return audit_batch(
            contract, counts, connection, files=staged.standard, now=datetime.now(UTC), references=references
        )


def active_files(lake: Lake, dataset: str) -> list[str]:
    """The Parquet files that a standard table is made of now; none where it does not exist yet."""
    table = open_delta_if_exists(lake, lake.standard(dataset))
    return [] if table is None else table.file_uris()


def commit_step(context: RunContext, contract: Contract, batch: PipelineBatch) -> PipelineBatch:
    """Make the batch visible; its counts are then those of the table: rows that it already held are duplicates."""
    if batch.staged is None or not batch.open:
        return batch
    try:
        done = commit_staged_batch(contract, context.registry, batch.staged, context.lake)
    except CitylakeError as error:
        return replace(batch, result=stop_batch(batch.result, error))
    context.ledger.add_categories(contract.dataset, batch.staged.categories, batch.staged.batch)
    return replace(batch, result=_committed_result(batch.result, done))


def _committed_result(result: BatchResult, done: CommitResult) -> BatchResult:
    return replace(
        result,
        counts=counts_after_commit(result.counts, done),
        days=done.days,
        superseded=done.superseded,
        table_version=done.version,
    )
