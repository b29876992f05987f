"""The pull of one dataset, and what its connector needs to know of earlier pulls."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from citylake.pipelines.context import RunContext
from citylake.pipelines.lake.digests.record_files import record_sealed_landings
from citylake.pipelines.lake.ledger.held_records import rejected_deliveries
from citylake.pipelines.lake.seal_keys import seal_keys
from citylake.pipelines.pull.connector_api import PullContext
from citylake.pipelines.pull.pull_dataset import pull_dataset
from citylake.pipelines.pull.twin_files import may_have_twins
from citylake.pipelines.read.masked_problems import mask_receipts
from citylake.pipelines.records import Receipt
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.contract_fingerprint import contract_fingerprint
from citylake.schemas.read.sealed_datasets import is_sealed_dataset
from citylake.schemas.words.errors import Problem


def pull_step(context: RunContext, contract: Contract) -> list[Receipt]:
    """Fetch what is new; returns a receipt for every attempt, also recorded in the ledger.

    Raises KEY_UNSET, before anything is requested, if the dataset is sealed and this process has no key.
    """
    sealed = is_sealed_dataset(contract, context.registry)
    if sealed:
        seal_keys()
    rejected = rejected_deliveries(context.ledger, contract.dataset)
    found = pull_dataset(contract, context.lake, replace(make_pull_context(context, contract), seal=sealed))
    receipts = [_note_rejected(receipt, rejected) for receipt in found] if rejected else found
    receipts = mask_receipts(contract, context.registry, receipts)
    context.ledger.add_receipts(receipts)
    if sealed:
        record_sealed_landings(context.ledger, context.run.id, contract.dataset, receipts)
    if any(receipt.status != "unchanged" for receipt in receipts):
        # Stored before the next step begins, so that the landed bytes are on record even if this process is killed.
        context.ledger.flush_receipts()
    return receipts


def _note_rejected(receipt: Receipt, rejected: Mapping[tuple[str, str], str]) -> Receipt:
    """The same bytes again, after a person has rejected them: they stay out, and the run says so."""
    before = rejected.get((receipt.name, receipt.sha256 or ""))
    if receipt.status != "unchanged" or before is None or receipt.same_as != before:
        return receipt
    values = {"dataset": receipt.dataset, "file": receipt.name, "receipt": before}
    return replace(receipt, problem=receipt.problem or Problem("DELIVERY_REJECTED", values))


def make_pull_context(context: RunContext, contract: Contract) -> PullContext:
    """Variables, known deliveries, states and unfinished receipts, for the dataset's connector."""
    name, ledger = contract.dataset, context.ledger
    known = {
        **rejected_deliveries(ledger, name),
        **ledger.committed_receipts(name, contract_fingerprint(contract, context.registry)),
    }
    return PullContext(
        context.variables,
        context.run,
        known,
        ledger.states(name),
        ledger.resume_points(name),
        newest=ledger.newest_receipt(name),
        delivered=_delivered_files(context, contract) if may_have_twins(contract) else {},
        compress=context.registry.workspace.settings.landing.compression == "zstd",
    )


def _delivered_files(context: RunContext, contract: Contract) -> dict[tuple[str, str], str]:
    """The committed files of every contract of this meaning: a folder that was moved brings them under other names."""
    found = context.ledger.last_deliveries(contract.dataset)
    changed: Collection[str] = ()
    if len({fingerprint for *_, fingerprint in found}) > 1 or not context.ledger.committed_receipts(
        contract.dataset, contract_fingerprint(contract, context.registry)
    ):
        from citylake.pipelines.flow.meaning_check import changed_fingerprints

        # Rows that mean something else are no reason not to read the file again: that batch is held, and told.
        changed = changed_fingerprints(context, contract) if found else ()
    return {(name, sha256): receipt for name, sha256, receipt, fingerprint in found if fingerprint not in changed}
