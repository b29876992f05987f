"""Ledger table ``categories``: each value of a dataset's category columns, with the batch that had it first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

import polars as pl

TABLE = "categories"
SCHEMA = pl.Schema(
    {
        "dataset": pl.String(),
        "column_name": pl.String(),
        "value": pl.String(),
        "first_seen": pl.Datetime("us", "UTC"),
        "batch": pl.String(),
        "sequence": pl.Int64(),
    }
)


def category_rows(
    dataset: str, values: Mapping[str, Collection[str]], batch: str, first_seen: datetime
) -> Iterator[dict[str, Any]]:
    """Return one row per column and value."""
    for column, found in values.items():
        for value in found:
            yield {
                "dataset": dataset,
                "column_name": column,
                "value": value,
                "first_seen": first_seen,
                "batch": batch,
            }
