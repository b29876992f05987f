"""Finds held batches, by dataset and by the id that a person gives."""

from __future__ import annotations

from collections.abc import Collection

from citylake.pipelines.flow.hold_rows import delivery_replaces
from citylake.pipelines.lake.ledger import Ledger, batches_table
from citylake.pipelines.lake.ledger.held_records import HeldBatch, receipt_decisions, undecided_batches
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import translations_of

_SHOWN = 10


def held_batches(
    registry: Registry, ledger: Ledger, datasets: Collection[str] = (), *, rejected: bool = False
) -> list[HeldBatch]:
    """Return the batches that wait for a decision, of the given or of all datasets; ``rejected``: those as well."""
    chosen = sorted(datasets or registry.contracts)
    found = [each for name in chosen for each in undecided_batches(ledger, name, by_name=_by_name(registry, name))]
    return [each for each in found if rejected or each.status == "held"]


def find_held_batch(registry: Registry, ledger: Ledger, text: str) -> HeldBatch:
    """Return the held or rejected batch whose id begins with ``text``.

    Raises HELD_UNKNOWN, HELD_AMBIGUOUS, and HELD_DECIDED for one that was held and is not any more.
    """
    every = held_batches(registry, ledger, rejected=True)
    found = [each for each in every if text and each.batch.startswith(text)]
    if len(found) == 1:
        return found[0]
    if found:
        raise CitylakeError("HELD_AMBIGUOUS", batch=text, known=", ".join(each.batch for each in found[:_SHOWN]))
    _raise_decided(registry, ledger, text)
    known = ", ".join(each.batch for each in every if each.status == "held") or "—"
    raise CitylakeError("HELD_UNKNOWN", batch=text, known=known)


def _by_name(registry: Registry, dataset: str) -> bool:
    contract = registry.contracts.get(dataset)
    return contract is None or delivery_replaces(contract)


def _raise_decided(registry: Registry, ledger: Ledger, text: str) -> None:
    columns = ("sequence", "dataset", "batch", "status", "receipts")
    for name in registry.contracts:
        rows = ledger.dataset_rows(batches_table.TABLE, name, columns)
        for row in rows.iter_rows(named=True):
            if row["status"] == "held" and text and (row["batch"] or "").startswith(text):
                told = receipt_decisions(ledger, name, by_name=_by_name(registry, name))
                mine = dict(told.select("id", "decision").iter_rows())
                decision = next((mine[each] for each in row["receipts"] if each in mine), "superseded")
                words = translations_of(f"held.decision_{decision}")
                said = words.model_dump() if words else decision
                raise CitylakeError("HELD_DECIDED", dataset=name, batch=row["batch"], decision=said)
