"""From receipts that were read to batches: which go together, and what becomes of each so far."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pipelines.conform.step import Item, batch_id, conform
from pipelines.context import Context
from pipelines.drift.categories import known_categories
from pipelines.drift.step import drift_of
from pipelines.parse.direct import Direct, NotPlainError
from pipelines.parse.plain import not_plain
from pipelines.parse.step import instead
from pipelines.parse.store import RawStore, parsed_of, store
from pipelines.records import BatchResult, BatchStatus, Counts, Parsed, Staged
from quality.drift.finding import Finding, held, problems
from schemas.contract import Contract
from schemas.faults import CitylakeError, Problem
from schemas.fingerprint import fingerprint
from schemas.source import FilesSource


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch on its way: what is known of it so far, and its staged files once there are any."""

    result: BatchResult
    staged: Staged | None = None

    @property
    def open(self) -> bool:
        """Whether nothing has stopped it yet."""
        return self.staged is not None and self.result.status == "committed"


@dataclass(frozen=True, slots=True)
class Conformed:
    """What became of receipts: batches, and how each of them was read in the end."""

    batches: tuple[Batch, ...]
    parsed: tuple[Parsed, ...]


def conform_step(context: Context, contract: Contract, items: Sequence[Item]) -> Conformed:
    """Make a batch of each group of receipts with the same source columns.

    What has neither records nor fields lacks no field (JSON without records): it goes with the first group, or alone.
    """
    groups: dict[frozenset[str], list[Item]] = defaultdict(list)
    blank = [item for item in items if isinstance(item, Parsed) and item.problem is None and _is_blank(item, contract)]
    unread = [item for item in items if isinstance(item, Parsed) and item.problem is not None]
    for item in items:
        if item not in blank and item not in unread:
            groups[frozenset(item.columns)].append(item)
    made = [_conformed(context, contract, group) for group in groups.values()]
    batches = [batch for batch, _ in made if batch is not None]
    parsed = (*(item for _, group in made for item in group), *blank, *unread)
    if blank and not batches:
        batches = [_whole_register(contract, _nothing(context, contract, blank))]
    elif blank:
        with_blank = (*batches[0].result.receipts, *(item.receipt for item in blank))
        batches[0] = replace(batches[0], result=replace(batches[0].result, receipts=with_blank))
    return Conformed(tuple(batches), parsed)


def _is_blank(item: Parsed, contract: Contract) -> bool:
    """Whether all that is known of it comes from the file's name."""
    from_name = re.compile(contract.source.name_fields or "").groupindex
    return not item.rows and set(item.columns) <= set(from_name)


def _whole_register(contract: Contract, batch: Batch) -> Batch:
    """An empty register would close every entry that is open: somebody has to look at it first."""
    if contract.write.mode != "snapshot" or contract.write.valid or batch.result.counts.standard:
        return batch
    return Batch(stopped(batch.result, CitylakeError("REGISTER_EMPTY", dataset=contract.dataset)), batch.staged)


def _steady(context: Context, contract: Contract, batch: Batch, found: Sequence[Finding]) -> Batch:
    """What drifted is told, and holds the batch where the contract says so."""
    told = problems(found, contract, context.registry)
    if any(finding.mode == "hold" for finding in found):
        return Batch(stopped(batch.result, held(told)), batch.staged)
    return replace(batch, result=replace(batch.result, problems=(*batch.result.problems, *told)))


def _nothing(context: Context, contract: Contract, blank: Sequence[Parsed]) -> Batch:
    """A batch without rows: the audit says whether that may be."""
    receipts, declared = tuple(item.receipt for item in blank), fingerprint(contract, context.registry)
    batch = batch_id(blank, contract, declared, _after(context, contract, blank))
    ids = tuple(receipt.id for receipt in receipts)
    staged = Staged(batch, context.run.id, contract.dataset, ids, (), (), (), Counts(), {}, (), declared)
    result = BatchResult(contract.dataset, "committed", batch, receipts, problems=_notices(blank), fingerprint=declared)
    return Batch(result, staged)


def _notices(parsed: Sequence[Parsed]) -> tuple[Problem, ...]:
    """What the readers saw that a person should know, though it stops nothing."""
    return tuple(notice for item in parsed for notice in item.notices)


def _conformed(context: Context, contract: Contract, items: Sequence[Item]) -> tuple[Batch | None, list[Parsed]]:
    """The batch of one group, if anything of it can be read, and how each receipt was read."""
    while True:
        readable = [item for item in items if not isinstance(item, Parsed) or item.problem is None]
        unread = [item for item in items if isinstance(item, Parsed) and item.problem is not None]
        if not readable:
            return None, unread
        try:
            batch, parsed = _staged(context, contract, readable)
        except NotPlainError as error:
            items = _another_way(context, contract, items, error)
        else:
            return batch, [*parsed, *unread]


def _another_way(context: Context, contract: Contract, items: Sequence[Item], error: NotPlainError) -> list[Item]:
    """The same receipts, those that are not plain read otherwise; nothing of this attempt stays in the raw zone."""
    directs = [item for item in items if isinstance(item, Direct)]
    for direct in directs:
        direct.raw.remove()
    # Where one file is not plain, others may not be: all are looked at before the next attempt.
    errors = [error] if len(directs) == 1 else not_plain(directs, context.budget)
    others = {each.direct.receipt.id: instead(each, contract, context.lake) for each in errors or [error]}
    return [others.get(item.receipt.id, item) for item in items]


def _staged(context: Context, contract: Contract, items: Sequence[Item]) -> tuple[Batch, list[Parsed]]:
    result = BatchResult(contract.dataset, "committed", receipts=tuple(item.receipt for item in items))
    directs = [item for item in items if isinstance(item, Direct)]
    raw, budget = RawStore([direct.raw for direct in directs]), context.budget
    after, known = _after(context, contract, items), known_categories(context, contract)
    try:
        staged = conform(items, contract, context.registry, context.lake, context.run, after, budget, raw, known)
    except CitylakeError as error:
        # What is held is kept as text, too: whoever looks into it begins there.
        for direct in directs:
            direct.raw.remove()
        kept = store(directs, budget) if directs else {}
        return Batch(stopped(result, error)), _parsed(items, kept)
    parsed = _parsed(items, raw.parts)
    found, staged = drift_of(context, contract, staged, parsed, known)
    staged = replace(staged, earlier=_earlier(context, contract, items), versions=_versions(context, contract, items))
    result = replace(
        result,
        batch=staged.batch,
        counts=staged.counts,
        issues=staged.issues,
        problems=(*_notices(parsed), *staged.notes),
        fingerprint=staged.fingerprint,
    )
    return _steady(context, contract, _whole_register(contract, Batch(result, staged)), found), parsed


def _parsed(items: Sequence[Item], parts: Mapping[str, dict[str, int]]) -> list[Parsed]:
    return [item if isinstance(item, Parsed) else parsed_of(item, parts[item.receipt.id]) for item in items]


def _after(context: Context, contract: Contract, parsed: Sequence[Item]) -> str:
    """The dataset's last batch, where these bytes under these declarations were a batch before: this is another one."""
    done = context.ledger.committed(contract.dataset)["batch"].to_list()
    before = batch_id(parsed, contract, fingerprint(contract, context.registry))
    return str(done[-1]) if before in done else ""


def _earlier(context: Context, contract: Contract, parsed: Sequence[Item]) -> tuple[str, ...]:
    """The receipts that brought the same bytes of the same sources before."""
    known = context.ledger.readings(contract.dataset)
    same = {(item.receipt.name, item.receipt.sha256 or "") for item in parsed}
    now = {item.receipt.id for item in parsed}
    return tuple(identity for key in sorted(same) for identity in known.get(key, ()) if identity not in now)


def _versions(context: Context, contract: Contract, parsed: Sequence[Item]) -> tuple[tuple[str, str], ...]:
    """Receipts of other bytes that the same files brought before: a file that grew holds its earlier rows again."""
    source = contract.source
    if contract.write.mode != "append" or not isinstance(source, FilesSource) or source.same_name == "more":
        return ()
    known = context.ledger.versions(contract.dataset)
    receipts = [item.receipt for item in parsed]
    return tuple(
        (identity, receipt.id)
        for receipt in receipts
        for identity, sha256 in known.get((receipt.name, receipt.source), ())
        if sha256 != receipt.sha256 and identity < receipt.id
    )


def stopped(result: BatchResult, error: CitylakeError) -> BatchResult:
    """A fault of the data or of the declarations holds a batch; a fault of the run fails it."""
    status: BatchStatus = "failed" if error.issue.scope == "run" else "held"
    return replace(result, status=status, problems=(*result.problems, error.problem, *error.others))
