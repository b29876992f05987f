"""One dataset: its freshness, its last batches, what came, and how it was judged."""

from __future__ import annotations

from typing import Any

import polars as pl

from pipelines.freshness import Age, known
from pipelines.ledger import batches, checks, receipts
from pipelines.pages import rows
from pipelines.pages.asked import Asked, unknown

BATCHES = 20
RECEIPTS = 20


def dataset(asked: Asked, name: str) -> dict[str, Any]:
    """The last batches and receipts, the newest first, and the last batch's checks. Raises DATASET_UNKNOWN."""
    ledger, contract, mine = asked.ledger, asked.contract(name), pl.col("dataset") == name
    # A run that found nothing new says when the source was asked, and nothing of the data.
    found = rows.newest(ledger, batches.TABLE, mine & (pl.col("status") != "unchanged"), BATCHES)
    asked_last = rows.newest(ledger, batches.TABLE, mine, 1)
    if contract is None and not asked_last:
        raise unknown("dataset", name, list(asked.registry.contracts))
    told = [rows.batch(row, contract) for row in found]
    last = told[0] if told else None
    return {
        "lake": asked.lake.url,
        "at": asked.now.isoformat(),
        **asked.head(name),
        "freshness": Age(contract, known(ledger).get(name), asked.now).document(),
        "asked_at": asked_last[0]["at"].isoformat() if asked_last else None,
        "last": last,
        "batches": told,
        "checks": _checks(asked, name, last["batch"] if last else None),
        "receipts": [rows.receipt(row) for row in rows.newest(ledger, receipts.TABLE, mine, RECEIPTS)],
    }


def _checks(asked: Asked, dataset: str, batch: str | None) -> list[dict[str, Any]]:
    if batch is None:
        return []
    chosen = (pl.col("subject") == dataset) & (pl.col("batch") == batch)
    found = [rows.check(row) for row in rows.newest(asked.ledger, checks.TABLE, chosen, 200)]
    return rows.of_the_last_run(found)
