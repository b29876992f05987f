"""Decides which of two rows with the same key is newer. A total order: the order of commits has no effect."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl


def arrival_key(arrivals: Mapping[str, str]) -> pl.Expr:
    """Return the receipt by which a row's bytes first arrived: ids of receipts sort by time.

    ``arrivals``: ``ConformedBatch.arrivals``. Bytes that are read again under a changed contract are no newer for it.
    """
    receipt = pl.col("_receipt")
    return receipt.replace(list(arrivals), list(arrivals.values())) if arrivals else receipt


def precedence_keys(latest_by: str | None, arrivals: Mapping[str, str]) -> list[pl.Expr]:
    """Return the sort keys, oldest first: ``latest_by`` (null is oldest), the arrival, the receipt, the row."""
    newest = [pl.col(latest_by)] if latest_by else []
    return [*newest, arrival_key(arrivals), pl.col("_receipt"), pl.col("_row")]
