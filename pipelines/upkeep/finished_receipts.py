"""Finds the receipts whose bytes are no longer needed."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from citylake.pipelines.lake.ledger import Ledger, batches_table, receipts_table


def receipts_with_status(ledger: Ledger) -> pl.DataFrame:
    """Return every receipt: ``dataset, id, received_at``, and ``done`` (its last batch is committed).

    Held, waiting, failed and incomplete ones are not done: they are retried, continued or inspected. ``received_at`` is
    not before that of any earlier receipt: one that a machine with a clock set back received is not old for it.
    """
    every = ledger.read(receipts_table.TABLE).select("dataset", "id", _latest_time().alias("received_at"), "status")
    told = ledger.read(batches_table.TABLE).select("batch", "receipts", outcome="status").explode("receipts")
    last = told.rename({"receipts": "id"}).unique("id", keep="last", maintain_order=True)
    done = (pl.col("status") == "received") & (pl.col("outcome") == "committed") & pl.col("batch").is_not_null()
    judged = every.join(last, on="id", how="left").with_columns(done=done.fill_null(value=False))
    return judged.select("dataset", "id", "received_at", "done")


def _latest_time() -> pl.Expr:
    """The latest time of the rows so far, in written order; times later than now are of a clock that was ahead."""
    at = pl.col("received_at")
    return pl.max_horizontal(at, pl.when(at <= datetime.now(UTC)).then(at).cum_max().forward_fill())
