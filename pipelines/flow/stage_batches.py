"""From receipts that were read to batches: which go together, and what becomes of each so far."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from citylake.pipelines.conform.conform_batch import BatchItem, batch_id, conform_batch
from citylake.pipelines.conform.drift.detect_drift import detect_drift
from citylake.pipelines.conform.drift.new_categories import known_categories
from citylake.pipelines.context import RunContext
from citylake.pipelines.parse.csv_blocks import find_not_plain
from citylake.pipelines.parse.parse_receipt import reopen_receipt
from citylake.pipelines.parse.plain_csv import NotPlainCsvError, PlainCsvFile
from citylake.pipelines.parse.raw_store import RawStore, parsed_from_parts, store_raw
from citylake.pipelines.records import BatchResult, BatchStatus, ConformedBatch, ParsedReceipt, RowCounts
from citylake.quality.drift.drift_finding import DriftFinding, drift_error, drift_problems
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.contract_fingerprint import contract_fingerprint
from citylake.schemas.words.errors import CitylakeError, Problem


@dataclass(frozen=True, slots=True)
class PipelineBatch:
    """A batch on its way: what is known of it so far, and its staged files once there are any."""

    result: BatchResult
    staged: ConformedBatch | None = None

    @property
    def open(self) -> bool:
        """Whether nothing has stopped it yet."""
        return self.staged is not None and self.result.status == "committed"


@dataclass(frozen=True, slots=True)
class ConformResult:
    """What became of receipts: batches, and how each of them was read in the end."""

    batches: tuple[PipelineBatch, ...]
    parsed: tuple[ParsedReceipt, ...]


def conform_step(context: RunContext, contract: Contract, items: Sequence[BatchItem]) -> ConformResult:
    """Make a batch of each group of receipts with the same source columns.

    What has neither records nor fields lacks no field (JSON without records): it goes with the first group, or alone.
    """
    groups: dict[frozenset[str], list[BatchItem]] = defaultdict(list)
    blank = [
        item
        for item in items
        if isinstance(item, ParsedReceipt) and item.problem is None and _is_blank_item(item, contract)
    ]
    unread = [item for item in items if isinstance(item, ParsedReceipt) and item.problem is not None]
    for item in items:
        if item not in blank and item not in unread:
            groups[frozenset(item.columns)].append(item)
    made = [_conform_group(context, contract, group) for group in groups.values()]
    batches = [batch for batch, _ in made if batch is not None]
    parsed = (*(item for _, group in made for item in group), *blank, *unread)
    if blank and not batches:
        batches = [_hold_empty_register(contract, _empty_batch(context, contract, blank))]
    elif blank:
        with_blank = (*batches[0].result.receipts, *(item.receipt for item in blank))
        batches[0] = replace(batches[0], result=replace(batches[0].result, receipts=with_blank))
    return ConformResult(tuple(batches), parsed)


def _is_blank_item(item: ParsedReceipt, contract: Contract) -> bool:
    """Whether all that is known of it comes from the file's name."""
    from_name = re.compile(contract.source.name_fields or "").groupindex
    return not item.rows and set(item.columns) <= set(from_name)


def _hold_empty_register(contract: Contract, batch: PipelineBatch) -> PipelineBatch:
    """An empty register would close every entry that is open: somebody has to look at it first."""
    if contract.write.mode != "snapshot" or contract.write.valid or batch.result.counts.standard:
        return batch
    return PipelineBatch(
        stop_batch(batch.result, CitylakeError("REGISTER_EMPTY", dataset=contract.dataset)), batch.staged
    )


def _apply_drift_findings(
    context: RunContext, contract: Contract, batch: PipelineBatch, found: Sequence[DriftFinding]
) -> PipelineBatch:
    """What drifted is told, and holds the batch where the contract says so."""
    told = drift_problems(found, contract, context.registry)
    if any(finding.mode == "hold" for finding in found):
        return PipelineBatch(stop_batch(batch.result, drift_error(told)), batch.staged)
    return replace(batch, result=replace(batch.result, problems=(*batch.result.problems, *told)))


def _empty_batch(context: RunContext, contract: Contract, blank: Sequence[ParsedReceipt]) -> PipelineBatch:
    """A batch without rows: the audit says whether that may be."""
    receipts, declared = tuple(item.receipt for item in blank), contract_fingerprint(contract, context.registry)
    batch = batch_id(blank, contract, declared, _previous_batch(context, contract, blank))
    ids = tuple(receipt.id for receipt in receipts)
    staged = ConformedBatch(batch, context.run.id, contract.dataset, ids, (), (), (), RowCounts(), {}, (), declared)
    result = BatchResult(
        contract.dataset, "committed", batch, receipts, problems=_reader_notices(blank), fingerprint=declared
    )
    return PipelineBatch(result, staged)


def _reader_notices(parsed: Sequence[ParsedReceipt]) -> tuple[Problem, ...]:
    """What the readers saw that a person should know, though it stops nothing."""
    return tuple(notice for item in parsed for notice in item.notices)


def _conform_group(
    context: RunContext, contract: Contract, items: Sequence[BatchItem]
) -> tuple[PipelineBatch | None, list[ParsedReceipt]]:
    """The batch of one group, if anything of it can be read, and how each receipt was read."""
    while True:
        readable = [item for item in items if not isinstance(item, ParsedReceipt) or item.problem is None]
        unread = [item for item in items if isinstance(item, ParsedReceipt) and item.problem is not None]
        if not readable:
            return None, unread
        try:
            batch, parsed = _stage_group(context, contract, readable)
        except NotPlainCsvError as error:
            items = _reread_not_plain(context, contract, items, error)
        else:
            return batch, [*parsed, *unread]


def _reread_not_plain(
    context: RunContext, contract: Contract, items: Sequence[BatchItem], error: NotPlainCsvError
) -> list[BatchItem]:
    """The same receipts, those that are not plain read otherwise; nothing of this attempt stays in the raw zone."""
    directs = [item for item in items if isinstance(item, PlainCsvFile)]
    for direct in directs:
        direct.raw.remove()
    # Where one file is not plain, others may not be: all are looked at before the next attempt.
    errors = [error] if len(directs) == 1 else find_not_plain(directs, context.budget)
    others = {each.direct.receipt.id: reopen_receipt(each, contract, context.lake) for each in errors or [error]}
    return [others.get(item.receipt.id, item) for item in items]


def _stage_group(
    context: RunContext, contract: Contract, items: Sequence[BatchItem]
) -> tuple[PipelineBatch, list[ParsedReceipt]]:
    result = BatchResult(contract.dataset, "committed", receipts=tuple(item.receipt for item in items))
    directs = [item for item in items if isinstance(item, PlainCsvFile)]
    raw, budget = RawStore([direct.raw for direct in directs]), context.budget
    after, known = _previous_batch(context, contract, items), known_categories(context, contract)
    try:
        staged = conform_batch(items, contract, context.registry, context.lake, context.run, after, budget, raw, known)
    except CitylakeError as error:
        # What is held is kept as text, too: whoever looks into it begins there.
        for direct in directs:
            direct.raw.remove()
        kept = store_raw(directs, budget) if directs else {}
        return PipelineBatch(stop_batch(result, error)), _parsed_items(items, kept)
    parsed = _parsed_items(items, raw.parts)
    found, staged = detect_drift(context, contract, staged, parsed, known)
    staged = replace(
        staged,
        earlier=_earlier_receipts(context, contract, items),
        versions=_earlier_versions(context, contract, items),
    )
    result = replace(
        result,
        batch=staged.batch,
        counts=staged.counts,
        issues=staged.issues,
        problems=(*_reader_notices(parsed), *staged.notes),
        fingerprint=staged.fingerprint,
    )
    return _apply_drift_findings(
        context, contract, _hold_empty_register(contract, PipelineBatch(result, staged)), found
    ), parsed


def _parsed_items(items: Sequence[BatchItem], parts: Mapping[str, dict[str, int]]) -> list[ParsedReceipt]:
    return [
        item if isinstance(item, ParsedReceipt) else parsed_from_parts(item, parts[item.receipt.id]) for item in items
    ]


def _previous_batch(context: RunContext, contract: Contract, parsed: Sequence[BatchItem]) -> str:
    """The dataset's last batch, where these bytes under these declarations were a batch before: this is another one."""
    done = context.ledger.committed(contract.dataset)["batch"].to_list()
    before = batch_id(parsed, contract, contract_fingerprint(contract, context.registry))
    return str(done[-1]) if before in done else ""


def _earlier_receipts(context: RunContext, contract: Contract, parsed: Sequence[BatchItem]) -> tuple[str, ...]:
    """The receipts that brought the same bytes of the same sources before."""
    known = context.ledger.readings(contract.dataset)
    same = {(item.receipt.name, item.receipt.sha256 or "") for item in parsed}
    now = {item.receipt.id for item in parsed}
    return tuple(identity for key in sorted(same) for identity in known.get(key, ()) if identity not in now)


def _earlier_versions(
    context: RunContext, contract: Contract, parsed: Sequence[BatchItem]
) -> tuple[tuple[str, str], ...]:
    """Receipts of other bytes that the same files brought before: a file that grew holds its earlier rows again."""
    source = contract.source
    if contract.write.mode != "append" or not source.new_bytes_replace:
        return ()
    known = context.ledger.versions(contract.dataset)
    receipts = [item.receipt for item in parsed]
    return tuple(
        (identity, receipt.id)
        for receipt in receipts
        for identity, sha256 in known.get((receipt.name, receipt.source), ())
        if sha256 != receipt.sha256 and identity < receipt.id
    )


def stop_batch(result: BatchResult, error: CitylakeError) -> BatchResult:
    """A fault of the data or of the declarations holds a batch; a fault of the run fails it."""
    status: BatchStatus = "failed" if error.issue.scope == "run" else "held"
    return replace(result, status=status, problems=(*result.problems, error.problem, *error.others))
