"""The pull of one dataset, and what its connector needs to know of earlier pulls."""

from __future__ import annotations

from citylake.pipelines.context import RunContext
from citylake.pipelines.pull.connector_api import PullContext
from citylake.pipelines.pull.pull_dataset import pull_dataset
from citylake.pipelines.records import Receipt
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.contract_fingerprint import contract_fingerprint


def pull_step(context: RunContext, contract: Contract) -> list[Receipt]:
    """Fetch what is new; returns a receipt for every attempt, also recorded in the ledger."""
    receipts = pull_dataset(contract, context.lake, make_pull_context(context, contract))
    context.ledger.add_receipts(receipts)
    if any(receipt.status != "unchanged" for receipt in receipts):
        # Stored before the next step begins, so that the landed bytes are on record even if this process is killed.
        context.ledger.flush()
    return receipts


def make_pull_context(context: RunContext, contract: Contract) -> PullContext:
    """Variables, known deliveries, states and unfinished receipts, for the dataset's connector."""
    name, ledger = contract.dataset, context.ledger
    known = ledger.committed_receipts(name, contract_fingerprint(contract, context.registry))
    states, unfinished = ledger.states(name), ledger.resume_points(name)
    return PullContext(context.variables, context.run, known, states, unfinished, newest=ledger.newest_receipt(name))
