"""Datasets whose standard rows hold identifiers that are protected now, or tokens of another key."""

from __future__ import annotations

import polars as pl

from citylake.pipelines.context import RunContext
from citylake.pipelines.flow.meaning_check import changed_fingerprints
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.column_protection import protected_columns
from citylake.schemas.read.contract_meaning import PROTECTION_WORDS
from citylake.schemas.words.errors import Problem


def stale_protection(context: RunContext, contract: Contract) -> Problem | None:
    """PROTECTION_STALE with the columns, and the command that reads the rows again; None if all rows are right."""
    if all(column.protection == "none" for column in protected_columns(contract, context.registry).values()):
        return None
    changed = changed_fingerprints(context, contract)
    if not changed:
        return None
    last = context.ledger.last_readings(contract.dataset).filter(pl.col("fingerprint").is_in(list(changed)))
    changes = {
        str(change)
        for name in last["fingerprint"].unique()
        for change in changed[name]
        if change.word in PROTECTION_WORDS
    }
    if not changes:
        return None
    told = {"dataset": contract.dataset, "receipts": last.height, "changes": "; ".join(sorted(changes))}
    return Problem("PROTECTION_STALE", told)
