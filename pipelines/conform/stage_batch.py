"""One batch of receipts with the same source columns: conformed and staged, or held with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from citylake.pipelines.blocks.source_rows import SourceRestartedError, SourceRows
from citylake.pipelines.conform.batch_history import add_history
from citylake.pipelines.conform.batch_identity import (
    JointBatch,
    batch_decisions,
    batch_id,
    previous_batch,
)
from citylake.pipelines.conform.conform_batch import conform_batch
from citylake.pipelines.conform.drift.detect_drift import detect_drift
from citylake.pipelines.conform.drift.new_categories import known_categories
from citylake.pipelines.context import RunContext
from citylake.pipelines.lake.forgotten_tokens import forgotten_digests
from citylake.pipelines.records import BatchResult, ConformedBatch, ParsedReceipt, PipelineBatch, RowCounts
from citylake.quality.drift.drift_finding import DriftFinding, drift_error, drift_problems
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.column_protection import has_tokens
from citylake.schemas.read.contract_fingerprint import contract_fingerprint
from citylake.schemas.words.errors import CitylakeError, Problem


def stage_batch(
    context: RunContext, contract: Contract, sources: Sequence[SourceRows], joint: JointBatch | None = None
) -> PipelineBatch | None:
    """The batch of the sources that can be read, or the part of a ``joint`` one; None if none of them can."""
    while readable := [source for source in sources if source.problem is None]:
        try:
            return _stage_readable(context, contract, readable, joint)
        except SourceRestartedError:
            for source in readable:
                source.restart()
    return None


def stage_empty_batch(context: RunContext, contract: Contract, sources: Sequence[SourceRows]) -> PipelineBatch:
    """A batch of receipts without rows; the audit decides whether the dataset may be empty."""
    receipts = tuple(source.receipt for source in sources)
    declared = contract_fingerprint(contract, context.registry)
    decisions = batch_decisions(context, contract, receipts)
    after = previous_batch(context, contract, receipts, decisions)
    batch = batch_id(receipts, contract, declared, after, decisions)
    ids = tuple(receipt.id for receipt in receipts)
    applied = dict.fromkeys(decisions.acts, 0) if decisions else {}
    staged = ConformedBatch(
        batch, context.run.id, contract.dataset, ids, (), (), (), RowCounts(), {}, (), declared, applied=applied
    )
    notices = _reader_notices([source.store() for source in sources])
    result = BatchResult(contract.dataset, "staged", batch, receipts, problems=notices, fingerprint=declared)
    return _hold_empty_register(contract, PipelineBatch(result, staged))


def _stage_readable(
    context: RunContext, contract: Contract, sources: Sequence[SourceRows], joint: JointBatch | None
) -> PipelineBatch:
    receipts = tuple(source.receipt for source in sources)
    result = BatchResult(contract.dataset, "staged", receipts=receipts)
    decisions = batch_decisions(context, contract, receipts)
    after = "" if joint else previous_batch(context, contract, receipts, decisions)
    known = known_categories(context, contract)
    try:
        staged = conform_batch(
            sources,
            contract,
            context.registry,
            context.lake,
            context.run,
            after,
            context.budget,
            known,
            joint,
            decisions,
            forgotten_digests(context.ledger) if has_tokens(contract, context.registry) else frozenset(),
        )
    except CitylakeError as error:
        _store_held(sources)
        declared = contract_fingerprint(contract, context.registry)
        identity = joint.id if joint else batch_id(receipts, contract, declared, after)
        return PipelineBatch(replace(result, batch=identity, fingerprint=declared).stopped(error))
    parsed = [source.store() for source in sources]
    found, staged = detect_drift(context, contract, staged, parsed, known)
    batch = add_history(context, contract, staged)
    result = _staged_result(result, batch, parsed)
    return _apply_drift_findings(context, contract, _hold_empty_register(contract, PipelineBatch(result, batch)), found)


def _store_held(sources: Sequence[SourceRows]) -> None:
    """Read a held batch to its end and store what was read, where its inspection begins.

    Raises SourceRestartedError if only this has shown how a source must be read.
    """
    before = [(source.columns, source.problem) for source in sources]
    for source in sources:
        source.store()
    if [(source.columns, source.problem) for source in sources] != before:
        raise SourceRestartedError


def _staged_result(result: BatchResult, staged: ConformedBatch, parsed: Sequence[ParsedReceipt]) -> BatchResult:
    return replace(
        result,
        batch=staged.batch,
        counts=staged.counts,
        issues=staged.issues,
        problems=_all_notices(_reader_notices(parsed), staged.notes),
        fingerprint=staged.fingerprint,
    )


def _reader_notices(parsed: Sequence[ParsedReceipt]) -> tuple[Problem, ...]:
    """What the readers reported that does not stop the batch."""
    return tuple(notice for item in parsed for notice in item.notices)


def _all_notices(readers: Sequence[Problem], conform: Sequence[Problem]) -> tuple[Problem, ...]:
    """Damaged texts once: a reader of lines has the number of the line."""
    damaged = any(notice.code == "TEXT_DAMAGED" for notice in readers)
    return (*readers, *(notice for notice in conform if not (damaged and notice.code == "TEXT_DAMAGED")))


def _hold_empty_register(contract: Contract, batch: PipelineBatch) -> PipelineBatch:
    """Hold an empty register: it would close every open entry."""
    if contract.write.mode != "snapshot" or contract.write.valid or batch.result.counts.standard:
        return batch
    error = CitylakeError("REGISTER_EMPTY", dataset=contract.dataset)
    return PipelineBatch(batch.result.stopped(error), batch.staged)


def _apply_drift_findings(
    context: RunContext, contract: Contract, batch: PipelineBatch, found: Sequence[DriftFinding]
) -> PipelineBatch:
    """Report what drifted; hold the batch if the contract says so."""
    problems = drift_problems(found, contract, context.registry)
    if any(finding.mode == "hold" for finding in found):
        return PipelineBatch(batch.result.stopped(drift_error(problems)), batch.staged)
    return replace(batch, result=replace(batch.result, problems=(*batch.result.problems, *problems)))
