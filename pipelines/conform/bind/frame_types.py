"""DataFrame or LazyFrame: steps that only add columns are the same for both.

A lazy plan pays off for many rows; for a few hundred, building and optimising it would be most of the work.
"""

from __future__ import annotations

from typing import TypeVar

import polars as pl

FrameT = TypeVar("FrameT", pl.LazyFrame, pl.DataFrame)


def left_join_table(rows: FrameT, table: pl.DataFrame, on: str) -> FrameT:
    """``rows`` in their order with the columns of ``table``, which has one row per value of ``on``."""
    if isinstance(rows, pl.DataFrame):
        return rows.join(table, on=on, how="left", maintain_order="left")
    return rows.join(table.lazy(), on=on, how="left", maintain_order="left")
