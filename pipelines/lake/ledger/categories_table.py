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
        "column": pl.String(),
        "value": pl.String(),
        "first_seen": pl.Datetime("us", "UTC"),
        "batch": pl.String(),
    }
)


def category_rows(
    dataset: str, values: Mapping[str, Collection[str]], batch: str, at: datetime
) -> Iterator[dict[str, Any]]:
    """One row a value, by column."""
    for column, found in values.items():
        for value in found:
            yield {"dataset": dataset, "column": column, "value": value, "first_seen": at, "batch": batch}
