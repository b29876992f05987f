"""Brings the rows of held batches into the quarantine, and closes them once something is decided about their bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from citylake.pipelines.context import RunContext
from citylake.pipelines.flow.step_state import StepState
from citylake.pipelines.lake.ledger.held_records import receipt_decisions, was_ever_held
from citylake.pipelines.records import BatchResult, PipelineBatch, RowCounts
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import Problem

if TYPE_CHECKING:
    from citylake.pipelines.blocks.source_rows import SourceRows


def delivery_replaces(contract: Contract) -> bool:
    """Whether a later delivery of the same file or address takes the place of an earlier one that waits."""
    return getattr(contract.source, "same_name", "version") == "version"


def hold_rows(
    context: RunContext, contract: Contract, state: StepState, results: Sequence[BatchResult]
) -> list[BatchResult]:
    """Write the rows of the held results to the quarantine; return the results, with the counts of their rows.

    A batch whose rows are held already is not written again.
    """
    named = [_name_batch(result) if result.status == "held" else result for result in results]
    held = [result for result in named if result.status == "held" and result.batch]
    if not held:
        return named
    staged = {batch.result.batch: batch for batch in state.load("commit", list[PipelineBatch])}
    rows = {result.batch: _write_rows(context, contract, state, result, staged.get(result.batch)) for result in held}
    return [_counted(result, rows) if result in held else result for result in named]


def close_decided_rows(context: RunContext, contract: Contract) -> int:
    """Close the rows of batches that were committed, rejected or superseded; return their number."""
    from citylake.pipelines.commit.held_rows import close_held_rows

    if not was_ever_held(context.ledger, contract.dataset):
        return 0
    decisions = receipt_decisions(context.ledger, contract.dataset, by_name=delivery_replaces(contract))
    return close_held_rows(context.lake, contract.dataset, decisions)


def _name_batch(result: BatchResult) -> BatchResult:
    """What holds it comes first, and the values have the id, so that advice can name the command that releases it."""
    from citylake.pipelines.conform.held_rows import holding_problems

    first = holding_problems(result)
    ordered = (*first, *(each for each in result.problems if each not in first))
    named = tuple(Problem(each.code, {**each.values, "batch": result.batch or "—"}) for each in ordered)
    return replace(result, problems=named)


def _write_rows(
    context: RunContext, contract: Contract, state: StepState, result: BatchResult, made: PipelineBatch | None
) -> int:
    from citylake.pipelines.commit.held_rows import add_held_rows, count_held_rows
    from citylake.pipelines.conform.held_rows import HeldReading, holding_problems, write_held_rows

    batch = str(result.batch)
    known = count_held_rows(context.lake, contract.dataset, batch)
    sources = _sources_of(result, state.sources())
    if known or not sources:
        return known
    staged = made.staged.quarantine if made and made.staged else ()
    reading = HeldReading(
        contract.dataset, batch, context.run.id, context.run.started_at, holding_problems(result), tuple(staged)
    )
    files, rows = write_held_rows(reading, sources, context.lake, state.scratch(), context.budget)
    if files:
        add_held_rows(context.lake, contract.dataset, batch, files)
    return rows


def _sources_of(result: BatchResult, sources: Sequence[SourceRows]) -> list[SourceRows]:
    names = {receipt.id for receipt in result.receipts}
    return [source for source in sources if source.receipt.id in names and source.problem is None]


def _counted(result: BatchResult, rows: Mapping[str | None, int]) -> BatchResult:
    """Rows of a batch that was held before its rows were judged all count as quarantined."""
    if result.counts.rows_in:
        return result
    return replace(result, counts=RowCounts(rows[result.batch], 0, rows[result.batch]))
