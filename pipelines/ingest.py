"""One dataset's way: pull → parse → conform → audit → commit. Each step can run alone, in its own process."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from pipelines.batches import Batch, conform_step, stopped
from pipelines.commit.step import commit, settled
from pipelines.conform.step import Item
from pipelines.context import Context
from pipelines.lake import Lake
from pipelines.parse.step import parse, ready
from pipelines.pull.step import pull
from pipelines.records import BatchResult, BatchStatus, Committed, Parsed, Receipt, Staged
from quality.audit import audit
from quality.check import Check
from schemas.contract import Contract
from schemas.faults import CitylakeError, Problem
from schemas.fingerprint import fingerprint

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Clock:
    """Seconds by step, summed over a dataset's batches."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, context: Context, dataset: str, name: str) -> Iterator[None]:
        """Tell that a step begins, and keep how long it took."""
        context.tell(dataset, name)
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


def ingest(context: Context, contract: Contract) -> list[BatchResult]:
    """Take everything new of one dataset into the lake: one result a batch, at least one in all."""
    clock, name = Clock(), contract.dataset
    with clock.step(context, name, "pull"):
        receipts = pull_step(context, contract)
    with TemporaryDirectory(prefix="citylake-") as scratch:
        with clock.step(context, name, "parse"):
            items = ready_step(context, contract, receipts, Path(scratch))
        with clock.step(context, name, "conform"):
            done = conform_step(context, contract, items)
    batches, parsed = list(done.batches), done.parsed
    with clock.step(context, name, "audit"):
        batches = [audit_step(context, contract, batch) for batch in batches]
    with clock.step(context, name, "commit"):
        batches = [commit_step(context, contract, batch) for batch in batches]
    results = [batch.result for batch in batches] + untaken(contract, receipts, parsed)
    results = [replace(result, seconds=dict(clock.seconds)) for result in results]
    record(context, results)
    return results


def pull_step(context: Context, contract: Contract) -> list[Receipt]:
    """Fetch what is new, with a receipt for every attempt."""
    known = context.ledger.known(contract.dataset, fingerprint(contract, context.registry))
    receipts = pull(contract, context.lake, context.run, known, context.variables)
    context.ledger.add_receipts(receipts)
    if any(receipt.status != "unchanged" for receipt in receipts):
        # Whatever becomes of these bytes, and of this process: the attempt is told, and its rows can be found again.
        context.ledger.flush()
    return receipts


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
    from deltalake import DeltaTable

    location, options = lake.standard(dataset), lake.storage_options
    if not DeltaTable.is_deltatable(location, storage_options=options):
        return []
    return list(DeltaTable(location, storage_options=options).file_uris())


def commit_step(context: Context, contract: Contract, batch: Batch) -> Batch:
    """Make the batch visible; its counts are then those of the table: rows that it already held are duplicates."""
    if batch.staged is None or not batch.open:
        return batch
    try:
        done = commit(contract, context.registry, batch.staged, context.lake)
    except CitylakeError as error:
        return replace(batch, result=stopped(batch.result, error))
    return replace(batch, result=_committed(batch.result, done))


def _committed(result: BatchResult, done: Committed) -> BatchResult:
    return replace(
        result,
        counts=settled(result.counts, done),
        days=done.days,
        superseded=done.superseded,
        table_version=done.version,
    )


def untaken(contract: Contract, receipts: Sequence[Receipt], parsed: Sequence[Parsed]) -> list[BatchResult]:
    """What no batch was made of: failed, incomplete or unchanged receipts, and bytes that could not be read."""
    unread = [item for item in parsed if item.problem is not None]
    faulty = [item for item in receipts if item.status in ("failed", "incomplete")]
    same = [item for item in receipts if item.status == "unchanged"]
    told = [*(item.problem for item in unread), *(item.problem for item in faulty)]
    problems = tuple(problem for problem in told if problem)
    shown = tuple([item.receipt for item in unread] + faulty + same)
    if not shown and parsed:
        return []
    status: BatchStatus = "held" if unread else "incomplete" if faulty else "unchanged"
    return [BatchResult(contract.dataset, status, receipts=shown, problems=problems)]


def failed(context: Context, dataset: str, error: Exception) -> list[BatchResult]:
    """One dataset's unforeseen failure, logged whole and kept in the ledger; the others go on."""
    log.error("dataset %s failed", dataset, exc_info=error)
    why = {"what": dataset, "why": f"{type(error).__name__}: {error}"}
    problem = error.problem if isinstance(error, CitylakeError) else Problem("STEP_FAILED", why)
    result = BatchResult(dataset, "failed", problems=(problem,))
    record(context, [result])
    return [result]


def record(context: Context, results: Sequence[BatchResult]) -> None:
    """Write outcomes down in the ledger."""
    for result in results:
        context.ledger.add_batches([result], result.fingerprint, context.run.id)
