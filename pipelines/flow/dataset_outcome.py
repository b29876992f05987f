"""The outcome of one dataset: its ledger rows, the state of its sources, and the alerts about held batches."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from citylake.pipelines.context import RunContext
from citylake.pipelines.flow.hold_rows import close_decided_rows, hold_rows
from citylake.pipelines.flow.pull_step import make_pull_context
from citylake.pipelines.flow.record_meaning import add_meaning
from citylake.pipelines.flow.step_state import StepState
from citylake.pipelines.lake.delta_log import sync_log
from citylake.pipelines.lake.ledger import batches_table, receipts_table, states_table
from citylake.pipelines.notify.held_alert import notify_held
from citylake.pipelines.pull.acknowledge import acknowledge_receipts, needs_acknowledgement
from citylake.pipelines.pull.credentials import Credentials, load_credentials
from citylake.pipelines.read.masked_problems import hides_values, mask_problem, mask_results
from citylake.pipelines.records import BatchResult, BatchStatus, PipelineBatch, Receipt
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.column_protection import protected_columns
from citylake.schemas.read.contract_fingerprint import contract_fingerprint
from citylake.schemas.words.contained_faults import describe_fault, is_contained
from citylake.schemas.words.errors import CitylakeError, Problem

if TYPE_CHECKING:
    from citylake.pipelines.blocks.source_rows import SourceRows

log = logging.getLogger(__name__)


def record_outcome(context: RunContext, contract: Contract, state: StepState) -> None:
    """Record the dataset's results in the ledger, and report them to the run's watch and to the alert channels.

    Rows of held batches are in the quarantine before the ledger says that they are held.
    """
    results = hold_rows(
        context, contract, state, _with_stale(context, contract, collect_results(context, contract, state))
    )
    record_results(context, contract, state, results)


def _with_stale(context: RunContext, contract: Contract, results: list[BatchResult]) -> list[BatchResult]:
    """The results, the last with the news that stored rows are not protected as declared."""
    if all(column.protection == "none" for column in protected_columns(contract, context.registry).values()):
        return results
    from citylake.pipelines.flow.stale_protection import stale_protection

    last = results[-1]
    # A batch that was held for it says so.
    told = any(problem.code == "CONTRACT_MEANING_CHANGED" for problem in last.problems)
    stale = None if told else stale_protection(context, contract)
    return results if stale is None else [*results[:-1], replace(last, problems=(*last.problems, stale))]


def record_results(context: RunContext, contract: Contract, state: StepState, results: list[BatchResult]) -> None:
    """The same for results whose held rows need no attention: a replay that was held changes nothing."""
    # A task that runs again may have recorded some of them before.
    known = context.ledger.recorded_outcomes(context.run.id, contract.dataset) if state.durable else set()
    news = [result for result in results if (result.batch, result.status) not in known]
    _add_to_ledger(context, news)
    if state.durable or any(result.status in ("committed", "held") for result in results):
        # Stored as soon as a table has changed, so that a later crash leaves no commit without a ledger row.
        add_settled(context, contract, results)
        context.ledger.flush_batch()
        close_decided_rows(context, contract)
    _record_files(context, contract, results)
    state.save("results", list[BatchResult], results)
    context.watch.dataset_ends(context, contract, results)
    notify_held(context, contract, news)


def _record_files(context: RunContext, contract: Contract, results: Sequence[BatchResult]) -> None:
    """Buffer the digests of what was written. The commits' logs have those of the tables, so a failure loses none."""
    receipts = {receipt.id for result in results for receipt in result.receipts if receipt.status == "received"}
    if not receipts and not any(result.status == "committed" for result in results):
        return
    from citylake.pipelines.lake.digests.record_files import record_batch_files

    try:
        record_batch_files(context.ledger, context.run.id, contract.dataset, sorted(receipts), context.run.started_at)
    except Exception:
        log.exception("the digests of the files of dataset %s are not recorded yet; upkeep does it", contract.dataset)


def collect_results(context: RunContext, contract: Contract, state: StepState) -> list[BatchResult]:
    """One result per batch, and one for the receipts that no batch was made of; at least one in all."""
    receipts, news = state.load("pull", list[Receipt]), state.has_news()
    batches = state.load("commit", list[PipelineBatch]) if news else []
    without_batch = _results_without_batch(context, contract, receipts, state.sources() if news else ())
    results = [*(batch.result for batch in batches), *without_batch]
    timed = [replace(result, seconds=state.seconds()) for result in results]
    return mask_results(contract, context.registry, timed)


def _results_without_batch(
    context: RunContext, contract: Contract, receipts: Sequence[Receipt], sources: Sequence[SourceRows]
) -> list[BatchResult]:
    """Failed, incomplete, waiting and unchanged receipts; and a held batch for received bytes that cannot be read."""
    faulty = [item for item in receipts if item.status in ("failed", "incomplete")]
    shown = (*faulty, *(item for item in receipts if item.status in ("waiting", "unchanged")))
    unread = [_unread_result(context, contract, source) for source in sources if source.problem is not None]
    if not shown and (sources or unread):
        return unread
    problems = tuple(item.problem for item in shown if item.problem)
    status: BatchStatus = "incomplete" if faulty else "unchanged"
    return [BatchResult(contract.dataset, status, receipts=shown, problems=problems), *unread]


def _unread_result(context: RunContext, contract: Contract, source: SourceRows) -> BatchResult:
    from citylake.pipelines.conform.batch_identity import batch_id

    declared = contract_fingerprint(contract, context.registry)
    batch, found = batch_id([source.receipt], contract, declared), (source.problem,) if source.problem else ()
    return BatchResult(contract.dataset, "held", batch, (source.receipt,), problems=found, fingerprint=declared)


def add_settled(context: RunContext, contract: Contract, results: Sequence[BatchResult]) -> bool:
    """Record what follows from committed rows: the states of their sources, and the meaning of the columns.

    Returns whether there was anything to record.
    """
    done = _settled_receipts(results)
    moved = bool(done) and context.ledger.add_states(context.run.id, contract.dataset, done)
    return add_meaning(context, contract) or moved


def _settled_receipts(results: Sequence[BatchResult]) -> list[Receipt]:
    """The receipts with a state whose rows are in the table."""
    return [
        receipt
        for result in results
        for receipt in result.receipts
        if receipt.state and result.status in ("committed", "unchanged") and receipt.status in ("received", "unchanged")
    ]


def settle_sources(context: RunContext, contract: Contract, results: Sequence[BatchResult]) -> None:
    """Once the rows are in the table: move the state of the sources, and acknowledge the receipts to the sources.

    Raises CitylakeError if a source cannot be reached; running this again completes it.
    """
    # Without news nothing is written: two hundred unchanged sources would be two hundred transactions.
    if add_settled(context, contract, results) or any(result.status == "committed" for result in results):
        context.ledger.flush_batch()
    done = _settled_receipts(results)
    if done and needs_acknowledgement(contract):
        _sync_committed(context, contract)
        acknowledge_receipts(contract, make_pull_context(context, contract), done)


def _sync_committed(context: RunContext, contract: Contract) -> None:
    """Make durable what an earlier run may have committed and not synced, before its source forgets the rows."""
    lake = context.lake
    tables = (receipts_table.TABLE, batches_table.TABLE, states_table.TABLE)
    for root in (
        lake.standard(contract.dataset),
        lake.quarantine(contract.dataset),
        *(lake.ledger(name) for name in tables),
    ):
        sync_log(lake, root)


def record_failure(
    context: RunContext, contract: Contract, error: BaseException, seconds: dict[str, float], *, flush: bool
) -> BatchResult:
    """Log an unforeseen failure with its traceback, and record it in the ledger; the failure itself is not raised."""
    dataset = contract.dataset
    hidden = hides_values(contract, context.registry)
    log.error("dataset %s failed", dataset, exc_info=_without_text(error) if hidden else error)
    problem = error.problem if isinstance(error, CitylakeError) else _unforeseen_problem(contract, error, hidden=hidden)
    problem = mask_problem(contract, context.registry, problem)
    result = BatchResult(dataset, "failed", problems=(problem,), seconds=seconds)
    try:
        _add_to_ledger(context, [result])
        if flush:
            context.ledger.flush()
    except BaseException as again:
        if not is_contained(again):
            raise
        # A full disk stops the ledger too: the caller must still see the first failure.
        log.exception("the failure of dataset %s could not be recorded in the ledger", dataset)
    return result


def _without_text(error: BaseException) -> BaseException:
    """The kind of an error and where it arose: the text of any library may quote a cell."""
    return RuntimeError(type(error).__name__).with_traceback(error.__traceback__)


def _unforeseen_problem(contract: Contract, error: BaseException, *, hidden: bool) -> Problem:
    """The text of any library, without credentials: the ledger and the pages are read by many people."""
    if hidden:
        return Problem("STEP_FAILED", {"what": contract.dataset, "why": type(error).__name__})
    try:
        credentials = load_credentials(getattr(contract.source, "connection", None))
    except CitylakeError:
        credentials = Credentials()
    return Problem("STEP_FAILED", {"what": contract.dataset, "why": credentials.redact(describe_fault(error))})


def close_failure(context: RunContext, contract: Contract) -> None:
    """After a last step that failed and succeeded when it ran again: a row after the failure, which is then over."""
    if context.ledger.ends_in_failure(context.run.id, contract.dataset):
        _add_to_ledger(context, [BatchResult(contract.dataset, "unchanged")])


def _add_to_ledger(context: RunContext, results: Sequence[BatchResult]) -> None:
    for result in results:
        revision = "" if result.status == "unchanged" else context.declared_revision()
        context.ledger.add_batches([result], result.fingerprint, context.run.id, revision)
