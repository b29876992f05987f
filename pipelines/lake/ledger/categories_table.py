"""The ledger of categories: which values each category column of a dataset ever had, and since which batch."""

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
    }
)


def category_rows(
    dataset: str, values: Mapping[str, Collection[str]], batch: str, first_seen: datetime
) -> Iterator[dict[str, Any]]:
    """One row a value, by column."""
    for column, found in values.items():
        for value in found:
            yield {
                "dataset": dataset,
                "column_name": column,
                "value": value,
                "first_seen": first_seen,
                "batch": batch,
            }
