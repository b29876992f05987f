"""Ledger table ``dispute_rows``: the source rows that a disputed value was made from."""

from __future__ import annotations

import polars as pl

TABLE = "dispute_rows"
SCHEMA = pl.Schema(
    {
        "dispute_id": pl.String(),
        "recorded_at": pl.Datetime("us", "UTC"),
        "dataset": pl.String(),
        "_receipt": pl.String(),
        "_part": pl.String(),
        "_row": pl.Int64(),
        "_source": pl.String(),
        "sequence": pl.Int64(),
    }
)
