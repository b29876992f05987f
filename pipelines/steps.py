"""The steps after the pull: parse → conform → audit → commit. Each can run alone, in its own process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pipelines.batches import Batch, conform_step, stopped
from pipelines.commit.step import commit, settled
from pipelines.conform.step import Item
from pipelines.context import Context
from pipelines.delta import existing
from pipelines.lake import Lake
from pipelines.parse.step import parse, ready
from pipelines.records import BatchResult, BatchStatus, Committed, Parsed, Receipt, Staged
from quality.audit import audit
from quality.check import Check
from schemas.contract import Contract
from schemas.faults import CitylakeError

__all__ = ["active_files", "audit_step", "commit_step", "conform_step", "parse_step", "ready_step"]


def parse_step(context: Context, contract: Contract, receipts: Sequence[Receipt]) -> list[Parsed]:
    """Read the bytes of every receipt that has new ones."""
    received = [receipt for receipt in receipts if receipt.status == "received"]
    return [parse(receipt, contract, context.lake, context.budget) for receipt in received]


def ready_step(context: Context, contract: Contract, receipts: Sequence[Receipt], scratch: Path) -> Sequence[Item]:
    """The same where conform follows at once: what is plain is read only there, into both zones in one pass."""
    if contract.reshape:
        return parse_step(context, contract, receipts)
    received = [receipt for receipt in receipts if receipt.status == "received"]
    return [ready(receipt, contract, context.lake, scratch) for receipt in received]


def audit_step(context: Context, contract: Contract, batch: Batch) -> Batch:
    """Judge the staged batch, and keep the judgement."""
    if batch.staged is None or not batch.open:
        return batch
    checks = _judged(context, contract, batch.staged)
    context.ledger.add_checks(context.run.id, contract.dataset, batch.staged.batch, checks)
    broken = [check for check in checks if not check.passed]
    held = any(check.severity == "error" for check in broken)
    problems = (*batch.result.problems, *(check.problem for check in broken if check.problem))
    status: BatchStatus = "held" if held else "committed"
    return replace(batch, result=replace(batch.result, status=status, checks=tuple(checks), problems=problems))


def _judged(context: Context, contract: Contract, staged: Staged) -> list[Check]:
    return audit(
        contract,
        files=staged.standard,
        rows_in=staged.counts.rows_in,
        rows_standard=staged.counts.standard,
        rows_quarantined=staged.counts.quarantined,
        history=context.ledger.history(contract.dataset),
        now=datetime.now(UTC),
        storage_options=context.lake.storage_options,
        memory_limit=context.budget.engine,
        references={name.dataset: active_files(context.lake, name.dataset) for name in contract.references},
    )


def active_files(lake: Lake, dataset: str) -> list[str]:
    """The Parquet files that a standard table is made of now; none where it does not exist yet."""
    table = existing(lake, lake.standard(dataset))
    return [] if table is None else table.file_uris()


def commit_step(context: Context, contract: Contract, batch: Batch) -> Batch:
    """Make the batch visible; its counts are then those of the table: rows that it already held are duplicates."""
    if batch.staged is None or not batch.open:
        return batch
    try:
        done = commit(contract, context.registry, batch.staged, context.lake)
    except CitylakeError as error:
        return replace(batch, result=stopped(batch.result, error))
    context.ledger.add_categories(contract.dataset, batch.staged.categories, batch.staged.batch)
    return replace(batch, result=_committed(batch.result, done))


def _committed(result: BatchResult, done: Committed) -> BatchResult:
    return replace(
        result,
        counts=settled(result.counts, done),
        days=done.days,
        superseded=done.superseded,
        table_version=done.version,
    )
