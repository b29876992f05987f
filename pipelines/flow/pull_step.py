"""The pull of one dataset, and what its connector needs to know of earlier pulls."""

from __future__ import annotations

from collections.abc import Collection

from citylake.pipelines.context import RunContext
from citylake.pipelines.pull.connector_api import PullContext
from citylake.pipelines.pull.pull_dataset import pull_dataset
from citylake.pipelines.pull.twin_files import may_have_twins
from citylake.pipelines.records import Receipt
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.contract_fingerprint import contract_fingerprint


def pull_step(context: RunContext, contract: Contract) -> list[Receipt]:
    """Fetch what is new; returns a receipt for every attempt, also recorded in the ledger."""
    receipts = pull_dataset(contract, context.lake, make_pull_context(context, contract))
    context.ledger.add_receipts(receipts)
    if any(receipt.status != "unchanged" for receipt in receipts):
        # Stored before the next step begins, so that the landed bytes are on record even if this process is killed.
        context.ledger.flush_receipts()
    return receipts


def make_pull_context(context: RunContext, contract: Contract) -> PullContext:
    """Variables, known deliveries, states and unfinished receipts, for the dataset's connector."""
    name, ledger = contract.dataset, context.ledger
    known = ledger.committed_receipts(name, contract_fingerprint(contract, context.registry))
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
