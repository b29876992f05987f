"""Finds the receipts whose bytes are no longer needed."""

from __future__ import annotations

import polars as pl

from citylake.pipelines.lake.delta_table import scan_lake_table
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger, batches_table, receipts_table


def receipts_with_status(ledger: Ledger) -> pl.DataFrame:
    """Return every receipt: ``dataset, id, received_at``, and ``done`` (its last batch is committed).

    Held, waiting, failed and incomplete ones are not done: they are retried, continued or inspected.
    """
    every = ledger.read(receipts_table.TABLE).select("dataset", "id", "received_at", "status")
    told = ledger.read(batches_table.TABLE).select("batch", "receipts", outcome="status").explode("receipts")
    last = told.rename({"receipts": "id"}).unique("id", keep="last", maintain_order=True)
    done = (pl.col("status") == "received") & (pl.col("outcome") == "committed") & pl.col("batch").is_not_null()
    judged = every.join(last, on="id", how="left").with_columns(done=done.fill_null(value=False))
    return judged.select("dataset", "id", "received_at", "done")


def quarantined_receipts(lake: Lake, dataset: str) -> frozenset[str]:
    """Return the receipts with open quarantined rows. Their bytes and raw text are needed to replay them."""
    rows = scan_lake_table(lake, lake.quarantine(dataset))
    if rows is None:
        return frozenset()
    found = rows.filter(pl.col("state") == "open").select(pl.col("_receipt").unique()).collect(engine="streaming")
    return frozenset(found["_receipt"])
