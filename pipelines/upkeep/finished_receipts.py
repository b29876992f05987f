"""Finds the receipts whose bytes are no longer needed."""

from __future__ import annotations

import polars as pl

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
