"""Decides which of two rows with the same key is newer. A total order: the order of commits has no effect."""

from __future__ import annotations

import polars as pl

MAX_DIGITS = 20


def natural_order_key(text: pl.Expr) -> pl.Expr:
    """Return a key for natural order: runs of up to 20 digits compare as numbers, so ``f2`` sorts before ``f10``."""
    padded = text.str.replace_all(r"(\d+)", "0" * MAX_DIGITS + "$1")
    return padded.str.replace_all(rf"\d*(\d{{{MAX_DIGITS}}})", "$1")


def precedence_keys(latest_by: str | None) -> list[pl.Expr]:
    """Return the sort keys, oldest first: ``latest_by`` (null is oldest), the source's name, the receipt, the row."""
    newest = [pl.col(latest_by)] if latest_by else []
    return [*newest, natural_order_key(pl.col("_source")), pl.col("_source"), pl.col("_receipt"), pl.col("_row")]
