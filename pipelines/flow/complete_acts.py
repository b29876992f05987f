"""Carries out what people decided about held batches. An act on record whose work did not happen is completed here.

Every run begins with it, so that a process which was killed between the act and the commit loses nothing.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from citylake.pipelines.context import RunContext
from citylake.pipelines.flow.hold_rows import close_decided_rows, delivery_replaces
from citylake.pipelines.lake.ledger import acts_table
from citylake.pipelines.lake.ledger.held_records import HeldBatch, undecided_batches
from citylake.pipelines.records import BatchResult, RowCounts
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import Problem

_COLUMNS = ("sequence", "dataset", "batch", "act", "user", "why")
_DECISIONS = ("release_batch", "reject_batch")


def complete_acts(context: RunContext, contract: Contract) -> list[BatchResult]:
    """Release and reject the batches of which an act says so, and return what became of them."""
    acts = context.ledger.dataset_rows(acts_table.TABLE, contract.dataset, _COLUMNS)
    decided = acts.filter(pl.col("act").is_in(_DECISIONS)).unique("batch", keep="last", maintain_order=True)
    if decided.is_empty() or context.ledger.undecided.of(contract.dataset).settled:
        return []
    by_name = delivery_replaces(contract)
    waiting = {each.batch: each for each in undecided_batches(context.ledger, contract.dataset, by_name=by_name)}
    results: list[BatchResult] = []
    for act in decided.iter_rows(named=True):
        held = waiting.get(act["batch"])
        if held and act["sequence"] > held.number:
            results += _carry_out(context, contract, held, act)
    close_decided_rows(context, contract)
    return results


def _carry_out(context: RunContext, contract: Contract, held: HeldBatch, act: dict[str, Any]) -> list[BatchResult]:
    if act["act"] == "reject_batch":
        return [_reject(context, contract, held, act)]
    from citylake.pipelines.flow.release_batch import release_held

    return release_held(context, contract, held, act["user"], act["why"])


def _reject(context: RunContext, contract: Contract, held: HeldBatch, act: dict[str, Any]) -> BatchResult:
    """Record that nothing of the batch comes in; its rows stay in the quarantine as rejected."""
    from citylake.pipelines.read.receipt_records import load_receipts

    counts = held.counts
    told = Problem(
        "HELD_REJECTED", {"dataset": held.dataset, "batch": held.batch, "user": act["user"], "why": act["why"]}
    )
    result = BatchResult(
        contract.dataset,
        "rejected",
        held.batch,
        load_receipts(context.ledger, held.receipts),
        RowCounts(
            counts["rows_in"],
            counts["rows_standard"],
            counts["rows_quarantined"],
            counts["rows_duplicate"],
            counts["rows_filtered"],
            counts["values_refused"],
        ),
        problems=(told,),
        fingerprint=held.fingerprint,
    )
    context.ledger.add_batches([result], held.fingerprint, context.run.id)
    context.ledger.flush_batch()
    return result
