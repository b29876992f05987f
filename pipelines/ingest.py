"""One dataset's way: pull → parse → conform → audit → commit."""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from pipelines.commit.step import commit
from pipelines.conform.step import conform
from pipelines.context import Context
from pipelines.parse.step import parse
from pipelines.pull.step import pull
from pipelines.records import BatchResult, Committed, Counts, Parsed, Receipt, Staged
from quality.audit import audit
from quality.check import Check
from schemas.contract import Contract
from schemas.faults import CitylakeError, Problem
from schemas.fingerprint import fingerprint

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Clock:
    """Seconds by step, summed over a dataset's batches."""

    seconds: dict[str, float]

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
    clock = Clock({})
    with clock.step(context, contract.dataset, "pull"):
        receipts = pull_step(context, contract)
    context.ledger.add_receipts(receipts)
    with clock.step(context, contract.dataset, "parse"):
        parsed = [parse(receipt, contract, context.lake) for receipt in receipts if receipt.status == "received"]
    results = [_take(context, contract, group, clock) for group in alike(parsed)]
    left = _not_taken(contract, receipts, parsed)
    if left is not None:
        context.ledger.add_batches([left], "")
    return [*results, left] if left is not None else results


def pull_step(context: Context, contract: Contract) -> list[Receipt]:
    """Fetch what is new, with a receipt for every attempt."""
    known = context.ledger.known(contract.dataset, fingerprint(contract, context.registry))
    return pull(contract, context.lake, context.run, known, context.variables)


def alike(parsed: Sequence[Parsed]) -> list[list[Parsed]]:
    """Receipts that read well, grouped by their source columns: a group makes one batch."""
    groups: dict[frozenset[str], list[Parsed]] = defaultdict(list)
    for item in parsed:
        if item.problem is None:
            groups[frozenset(item.columns)].append(item)
    return list(groups.values())


def _not_taken(contract: Contract, receipts: Sequence[Receipt], parsed: Sequence[Parsed]) -> BatchResult | None:
    """What no batch was made of: failed, incomplete or unchanged receipts, and bytes that could not be read."""
    unread = [item for item in parsed if item.problem is not None]
    faulty = [item for item in receipts if item.status in ("failed", "incomplete")]
    same = [item for item in receipts if item.status == "unchanged"]
    problems = [item.problem for item in (*unread, *faulty) if item.problem]
    shown = tuple([item.receipt for item in unread] + faulty + same)
    if unread:
        return BatchResult(contract.dataset, "held", receipts=shown, problems=tuple(problems))
    if faulty:
        return BatchResult(contract.dataset, "incomplete", receipts=shown, problems=tuple(problems))
    return BatchResult(contract.dataset, "unchanged", receipts=shown) if same or not parsed else None


def _take(context: Context, contract: Contract, parsed: Sequence[Parsed], clock: Clock) -> BatchResult:
    """One batch through conform, audit and commit; a fault of the data holds it."""
    result = BatchResult(contract.dataset, "held", receipts=tuple(item.receipt for item in parsed))
    staged: Staged | None = None
    try:
        with clock.step(context, contract.dataset, "conform"):
            staged = conform(parsed, contract, context.registry, context.lake, context.run)
        result = replace(result, batch=staged.batch, counts=staged.counts, issues=staged.issues, problems=staged.notes)
        with clock.step(context, contract.dataset, "audit"):
            checks = audit_step(context, contract, staged)
        result = _audited(result, checks)
        if result.status != "held":
            with clock.step(context, contract.dataset, "commit"):
                done = commit(contract, context.registry, staged, context.lake)
            result = committed(result, done)
    except CitylakeError as error:
        result = replace(result, status="held", problems=(*result.problems, error.problem))
    result = replace(result, seconds=dict(clock.seconds))
    context.ledger.add_batches([result], staged.fingerprint if staged else "")
    return result


def _audited(result: BatchResult, checks: Sequence[Check]) -> BatchResult:
    broken = [check for check in checks if not check.passed]
    held = any(check.severity == "error" for check in broken)
    told = [check.problem for check in broken if check.problem]
    status = "held" if held else "committed"
    return replace(result, status=status, checks=tuple(checks), problems=(*result.problems, *told))


def audit_step(context: Context, contract: Contract, staged: Staged) -> list[Check]:
    """Judge the staged batch, and keep the judgement."""
    checks = audit(
        contract,
        files=staged.standard,
        rows_in=staged.counts.rows_in,
        rows_standard=staged.counts.standard,
        rows_quarantined=staged.counts.quarantined,
        history=context.ledger.history(contract.dataset),
        now=datetime.now(UTC),
        storage_options=context.lake.storage_options,
        references={name.dataset: _active(context, name.dataset) for name in contract.references},
    )
    context.ledger.add_checks(context.run.id, contract.dataset, staged.batch, checks)
    return checks


def _active(context: Context, dataset: str) -> list[str]:
    """The Parquet files that a standard table is made of now; none where it does not exist yet."""
    from deltalake import DeltaTable

    location, options = context.lake.standard(dataset), context.lake.storage_options
    if not DeltaTable.is_deltatable(location, storage_options=options):
        return []
    return list(DeltaTable(location, storage_options=options).file_uris())


def committed(result: BatchResult, done: Committed) -> BatchResult:
    """The batch's counts after the table had its say: rows that it already held are duplicates."""
    counts = result.counts
    counts = Counts(
        counts.rows_in,
        counts.standard - done.duplicates_stored,
        counts.quarantined,
        counts.duplicates + done.duplicates_stored,
    )
    return replace(
        result,
        status="committed",
        counts=counts,
        days=done.days,
        superseded=done.superseded,
        table_version=done.version,
    )


def guarded(context: Context, dataset: str, work: Callable[[], list[BatchResult]]) -> list[BatchResult]:
    """Run ``work``; one dataset's unforeseen failure is told and kept, and the others go on."""
    try:
        return work()
    except Exception as error:
        log.exception("dataset %s failed", dataset)
        known = error.problem if isinstance(error, CitylakeError) else None
        problem = known or Problem("STEP_FAILED", {"what": dataset, "why": f"{type(error).__name__}: {error}"})
        failed = BatchResult(dataset, "failed", problems=(problem,))
        context.ledger.add_batches([failed], "")
        return [failed]
