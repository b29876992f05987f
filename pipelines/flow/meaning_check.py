"""Two meanings never stand in one column: a batch that would mix them is held until the older rows are replayed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import polars as pl

from citylake.pipelines.commit.merge_context import overlapping_files
from citylake.pipelines.commit.table_files import list_active_files
from citylake.pipelines.commit.table_rewrite import scan_receipts
from citylake.pipelines.context import RunContext
from citylake.pipelines.lake.delta_table import open_delta_if_exists
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.records import PipelineBatch
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.contract_fingerprint import contract_fingerprint
from citylake.schemas.read.contract_meaning import (
    PROTECTION_WORDS,
    MeaningChange,
    contract_meaning,
    meaning_changes,
    unprotected_meaning,
)
from citylake.schemas.words.errors import CitylakeError

_SHOWN = 5


def hold_mixed_meanings(
    context: RunContext, contract: Contract, batches: Sequence[PipelineBatch]
) -> list[PipelineBatch]:
    """Hold the staged batches if rows that they do not replace stand in the table with another meaning."""
    staged = [batch for batch in batches if batch.is_staged]
    error = _mixed_meaning_error(context, contract, staged) if staged else None
    if error is None:
        return list(batches)
    return [replace(batch, result=batch.result.stopped(error)) if batch.is_staged else batch for batch in batches]


def _mixed_meaning_error(
    context: RunContext, contract: Contract, staged: Sequence[PipelineBatch]
) -> CitylakeError | None:
    changed = changed_fingerprints(context, contract)
    if not changed:
        return None
    covered = {name for batch in staged if batch.staged for name in batch.staged.replaced_receipts}
    readings = context.ledger.last_readings(contract.dataset)
    rest = readings.filter(pl.col("fingerprint").is_in(list(changed)), ~pl.col("id").is_in(list(covered)))
    rows = count_receipt_rows(context.lake, contract.dataset, rest["id"], _replaced_folders(context, contract, staged))
    if not rows:
        return None
    changes = list(dict.fromkeys(str(change) for name in rest["fingerprint"].unique() for change in changed[name]))
    more = f" (+{len(changes) - _SHOWN})" if len(changes) > _SHOWN else ""
    values = {"rows": rows, "receipts": rest.height, "changes": "; ".join(sorted(changes)[:_SHOWN]) + more}
    return CitylakeError("CONTRACT_MEANING_CHANGED", dataset=contract.dataset, **values)


def changed_fingerprints(context: RunContext, contract: Contract) -> dict[str, list[MeaningChange]]:
    """The fingerprints of committed batches under which a column meant something else, with what has changed.

    A fingerprint of an earlier version, without a recorded meaning, counts as unchanged, except that its rows may hold
    identifiers that are protected now.
    """
    ledger = context.ledger
    declared = contract_fingerprint(contract, context.registry)
    others = set(ledger.committed_batches(contract.dataset)["fingerprint"]) - {declared}
    if not others:
        return {}
    known, now = ledger.meanings(contract.dataset), contract_meaning(contract, context.registry)
    found = {name: meaning_changes(known.get(name) or unprotected_meaning(now), now) for name in others}
    return {name: changes for name, changes in found.items() if changes}


def keep_meanings(context: RunContext, contract: Contract) -> tuple[str, ...]:
    """Record that rows of changed fingerprints are right as they are: the source has changed and not the meaning.

    Returns those fingerprints. Raises PROTECTION_NOT_KEPT if rows hold identifiers, or tokens of another key: they are
    never right as they are.
    """
    changed, now = changed_fingerprints(context, contract), contract_meaning(contract, context.registry)
    stale = [change for changes in changed.values() for change in changes if change.word in PROTECTION_WORDS]
    if stale:
        told = "; ".join(sorted({str(change) for change in stale}))
        raise CitylakeError("PROTECTION_NOT_KEPT", dataset=contract.dataset, changes=told)
    for name in changed:
        context.ledger.set_meaning(contract.dataset, name, now)
    context.ledger.flush()
    return tuple(changed)


def _replaced_folders(context: RunContext, contract: Contract, staged: Sequence[PipelineBatch]) -> set[str]:
    """The partitions, as folders of the table, whose earlier rows the batches replace in write mode ``replace``."""
    if contract.write.mode != "replace":
        return set()
    root = f"{context.lake.standard(contract.dataset)}/"
    files = (path for batch in staged if batch.staged for path in batch.staged.standard)
    return {path.removeprefix(root).rpartition("/")[0] for path in files}


def count_receipt_rows(lake: Lake, dataset: str, receipts: pl.Series, without: Collection[str] = ()) -> int:
    """The number of standard rows of the receipts, without those in the given folders of the table."""
    root = lake.standard(dataset)
    table = open_delta_if_exists(lake, root) if receipts.len() else None
    if table is None:
        return 0
    near = overlapping_files(list_active_files(table), "_receipt", receipts.min(), receipts.max())
    near = near.filter(~pl.col("path").str.replace(r"/?[^/]*$", "").is_in(list(without)))
    if near.is_empty():
        return 0
    chosen = pl.col("_receipt").is_in(receipts.implode())
    counted = scan_receipts(lake, root, near).filter(chosen).select(pl.len())
    return int(counted.collect(engine="streaming").item())
