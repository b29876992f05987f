"""The meaning of a dataset's columns, recorded once for each fingerprint under which rows are committed."""

from __future__ import annotations

from citylake.pipelines.context import RunContext
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.contract_fingerprint import contract_fingerprint
from citylake.schemas.read.contract_meaning import contract_meaning


def add_meaning(context: RunContext, contract: Contract) -> bool:
    """Add what the columns mean if rows are committed under this contract and it is not on record; return whether.

    So a lake of an earlier version has it after its first run, before the contract changes.
    """
    dataset, ledger = contract.dataset, context.ledger
    declared = contract_fingerprint(contract, context.registry)
    if declared in ledger.meanings(dataset) or declared not in ledger.committed_batches(dataset)["fingerprint"]:
        return False
    ledger.set_meaning(dataset, declared, contract_meaning(contract, context.registry))
    return True
