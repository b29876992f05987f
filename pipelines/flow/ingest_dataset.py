"""One dataset's way into the lake: pull, and, where something came, the steps after it."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from citylake.pipelines.context import RunContext
from citylake.pipelines.pull.acknowledge import acknowledge_receipts, needs_acknowledgement
from citylake.pipelines.pull.connector_api import PullContext
from citylake.pipelines.pull.pull_dataset import pull_dataset
from citylake.pipelines.records import BatchResult, BatchStatus, ParsedReceipt, Receipt
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.contract_fingerprint import contract_fingerprint
from citylake.schemas.words.errors import CitylakeError, Problem

log = logging.getLogger(__name__)


@dataclass(slots=True)
class StepClock:
    """Seconds by step, summed over a dataset's batches."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, context: RunContext, dataset: str, name: str) -> Iterator[None]:
        """Tell that a step begins, and keep how long it took."""
        context.tell(dataset, name)
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


def ingest_dataset(context: RunContext, contract: Contract) -> list[BatchResult]:
    """Take everything new of one dataset into the lake: one result a batch, at least one in all."""
    clock = StepClock()
    with clock.step(context, contract.dataset, "pull"):
        receipts = pull_step(context, contract)
    results = _process_receipts(context, contract, receipts, clock)
    results = [replace(result, seconds=dict(clock.seconds)) for result in results]
    record_results(context, results)
    settle_sources(context, contract, results)
    return results


def _process_receipts(
    context: RunContext, contract: Contract, receipts: Sequence[Receipt], clock: StepClock
) -> list[BatchResult]:
    """What became of the receipts; with nothing new among them, nothing else is loaded."""
    if not any(receipt.status == "received" for receipt in receipts):
        return results_without_batch(contract, receipts, ())
    from citylake.pipelines.flow import dataset_steps

    name = contract.dataset
    with TemporaryDirectory(prefix="citylake-") as scratch:
        with clock.step(context, name, "parse"):
            items = dataset_steps.open_step(context, contract, receipts, Path(scratch))
        with clock.step(context, name, "conform"):
            done = dataset_steps.conform_step(context, contract, items)
    with clock.step(context, name, "audit"):
        batches = [dataset_steps.audit_step(context, contract, batch) for batch in done.batches]
    with clock.step(context, name, "commit"):
        batches = [dataset_steps.commit_step(context, contract, batch) for batch in batches]
    return [batch.result for batch in batches] + results_without_batch(contract, receipts, done.parsed)


def pull_step(context: RunContext, contract: Contract) -> list[Receipt]:
    """Fetch what is new, with a receipt for every attempt."""
    receipts = pull_dataset(contract, context.lake, make_pull_context(context, contract))
    context.ledger.add_receipts(receipts)
    if any(receipt.status != "unchanged" for receipt in receipts):
        # Whatever becomes of these bytes, and of this process: the attempt is told, and its rows can be found again.
        context.ledger.flush()
    return receipts


def make_pull_context(context: RunContext, contract: Contract) -> PullContext:
    """What a connector is told of earlier pulls."""
    name, ledger = contract.dataset, context.ledger
    known = ledger.known(name, contract_fingerprint(contract, context.registry))
    return PullContext(context.variables, context.run, known, ledger.states(name), ledger.unfinished(name))


def results_without_batch(
    contract: Contract, receipts: Sequence[Receipt], parsed: Sequence[ParsedReceipt]
) -> list[BatchResult]:
    """What no batch was made of: failed, incomplete, waiting or unchanged receipts, and bytes that cannot be read."""
    unread = [item for item in parsed if item.problem is not None]
    faulty = [item for item in receipts if item.status in ("failed", "incomplete")]
    rest = [item for item in receipts if item.status in ("waiting", "unchanged")]
    told = [*(item.problem for item in unread), *(item.problem for item in (*faulty, *rest))]
    problems = tuple(problem for problem in told if problem)
    shown = tuple([item.receipt for item in unread] + faulty + rest)
    if not shown and parsed:
        return []
    status: BatchStatus = "held" if unread else "incomplete" if faulty else "unchanged"
    return [BatchResult(contract.dataset, status, receipts=shown, problems=problems)]


def settle_sources(context: RunContext, contract: Contract, results: Sequence[BatchResult]) -> None:
    """Once their rows are in the table: move the state of the sources, and tell those that want to know."""
    taken = [
        receipt
        for result in results
        for receipt in result.receipts
        if receipt.state and result.status in ("committed", "unchanged") and receipt.status in ("received", "unchanged")
    ]
    if not taken:
        return
    moved = context.ledger.add_states(context.run.id, contract.dataset, taken)
    # Where nothing is new, nothing is written: two hundred sources without news are no two hundred transactions.
    if moved or any(result.status == "committed" for result in results):
        context.ledger.flush()
    if needs_acknowledgement(contract):
        acknowledge_receipts(contract, make_pull_context(context, contract), taken)


def record_failure(context: RunContext, dataset: str, error: Exception) -> list[BatchResult]:
    """One dataset's unforeseen failure, logged whole and kept in the ledger; the others go on."""
    log.error("dataset %s failed", dataset, exc_info=error)
    why = {"what": dataset, "why": f"{type(error).__name__}: {error}"}
    problem = error.problem if isinstance(error, CitylakeError) else Problem("STEP_FAILED", why)
    result = BatchResult(dataset, "failed", problems=(problem,))
    record_results(context, [result])
    return [result]


def record_results(context: RunContext, results: Sequence[BatchResult]) -> None:
    """Write outcomes down in the ledger."""
    for result in results:
        context.ledger.add_batches([result], result.fingerprint, context.run.id)
