"""Rows at hand, or the plan of them: steps that only add columns are the same for both.

A plan pays for itself over many rows; over a few hundred, making and optimising it would be most of the work.
"""

from __future__ import annotations

from typing import TypeVar

import polars as pl

FrameT = TypeVar("FrameT", pl.LazyFrame, pl.DataFrame)


def left_join_table(rows: FrameT, table: pl.DataFrame, on: str) -> FrameT:
    """``rows`` in their order with the columns of ``table``, which has one row a value of ``on``."""
    if isinstance(rows, pl.DataFrame):
        return rows.join(table, on=on, how="left", maintain_order="left")
    return rows.join(table.lazy(), on=on, how="left", maintain_order="left")
