"""The page of one dataset: freshness, last batches, receipts and checks."""

from __future__ import annotations

from typing import Any

import polars as pl

from citylake.pipelines.lake.ledger import batches_table, checks_table, receipts_table
from citylake.pipelines.read.data_age import DataAge
from citylake.pipelines.site import ledger_entries
from citylake.pipelines.site.page_request import PageRequest, page_not_found
from citylake.schemas.read.sharing_class import dataset_sharing

MAX_BATCHES_SHOWN = 20
MAX_RECEIPTS_SHOWN = 20


def dataset_document(request: PageRequest, name: str) -> dict[str, Any]:
    """Return the last batches and receipts, newest first, and the checks of the last batch.

    Raises DATASET_UNKNOWN if the dataset is neither declared nor in the ledger.
    """
    ledger, contract, mine = request.ledger, request.contract(name), pl.col("dataset") == name
    # A run without new data shows when the source was fetched, but has no batch to show.
    found = ledger_entries.newest_entries(
        ledger, batches_table.TABLE, mine & (pl.col("status") != "unchanged"), MAX_BATCHES_SHOWN
    )
    last_rows = ledger_entries.newest_entries(ledger, batches_table.TABLE, mine, 1)
    if contract is None and not last_rows:
        raise page_not_found("dataset", name, list(request.registry.contracts))
    batches = [ledger_entries.batch_entry(row, contract) for row in found]
    last = batches[0] if batches else None
    return {
        "lake": request.lake.url,
        "at": request.now.isoformat(),
        **request.head(name),
        "sharing": _sharing(request, name),
        "freshness": DataAge(contract, request.arrivals.get(name), request.now).document(),
        "checked_at": last_rows[0]["recorded_at"].isoformat() if last_rows else None,
        "last": last,
        "batches": batches,
        "checks": _check_entries(request, name, last["batch"] if last else None),
        "receipts": [
            ledger_entries.receipt_entry(row)
            for row in ledger_entries.newest_entries(ledger, receipts_table.TABLE, mine, MAX_RECEIPTS_SHOWN)
        ],
    }


def _sharing(request: PageRequest, name: str) -> dict[str, Any] | None:
    """The sharing class of a declared dataset; without one it is ``unstated``."""
    contract = request.contract(name)
    if contract is None:
        return None
    found = dataset_sharing(contract, request.registry)
    if found is None:
        return {"class": "unstated", "condition": None, "basis": None}
    return found.model_dump(by_alias=True)


def _check_entries(request: PageRequest, dataset: str, batch: str | None) -> list[dict[str, Any]]:
    if batch is None:
        return []
    chosen = (pl.col("subject") == dataset) & (pl.col("batch") == batch)
    found = [
        ledger_entries.check_entry(row)
        for row in ledger_entries.newest_entries(request.ledger, checks_table.TABLE, chosen, 200)
    ]
    return ledger_entries.checks_of_last_run(found)
