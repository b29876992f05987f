"""Which receipts the lake knows, and of which of them nobody needs the bytes again."""

from __future__ import annotations

import polars as pl

from pipelines.delta import scan
from pipelines.lake import Lake
from pipelines.ledger import Ledger, batches, receipts


def receipts_of(ledger: Ledger) -> pl.DataFrame:
    """Every receipt: ``dataset, id, received_at``, and whether it is ``done``: its last batch is committed.

    What is held, waits, failed or is incomplete is not: it is asked for again, continued, or looked into.
    """
    every = ledger.read(receipts.TABLE).select("dataset", "id", "received_at", "status")
    told = ledger.read(batches.TABLE).select("batch", "receipts", outcome="status").explode("receipts")
    last = told.rename({"receipts": "id"}).unique("id", keep="last", maintain_order=True)
    done = (pl.col("status") == "received") & (pl.col("outcome") == "committed") & pl.col("batch").is_not_null()
    judged = every.join(last, on="id", how="left").with_columns(done=done.fill_null(value=False))
    return judged.select("dataset", "id", "received_at", "done")


def open_in_quarantine(lake: Lake, dataset: str) -> frozenset[str]:
    """The receipts of refused rows that may yet be mended: their bytes and their text are the way back in."""
    rows = scan(lake, lake.quarantine(dataset))
    if rows is None:
        return frozenset()
    found = rows.filter(pl.col("state") == "open").select(pl.col("_receipt").unique()).collect(engine="streaming")
    return frozenset(found["_receipt"])
