"""Replaces a whole table in one transaction, for a batch that has all its rows and gives a column another type."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import polars as pl

from citylake.pipelines.commit.delta_transaction import TableChange
from citylake.pipelines.commit.table_schema import table_schema
from citylake.pipelines.lake.lake_zones import Lake

if TYPE_CHECKING:
    import pyarrow as pa


def count_other_rows(lake: Lake, root: str, stored: pl.DataFrame, receipts: Collection[str]) -> int:
    """Return the number of stored rows that come from none of ``receipts``."""
    if stored.is_empty():
        return 0
    rows = scan_receipts(lake, root, stored)
    counted = rows.filter(~pl.col("_receipt").is_in(list(receipts))).select(pl.len())
    return int(counted.collect(engine="streaming").item())


def scan_receipts(lake: Lake, root: str, files: pl.DataFrame) -> pl.LazyFrame:
    """Return the column ``_receipt`` of the table's files (as :func:`list_active_files` returns them)."""
    parts = [
        pl.scan_parquet(
            f"{root}/{path}", hive_partitioning=False, glob=False, storage_options=lake.storage_options
        ).select("_receipt")
        for path in files["path"]
    ]
    return pl.concat(parts)


def replace_table(change: TableChange, columns: pa.Schema, partition: Sequence[str]) -> TableChange:
    """Return the change that leaves only what it adds, with a new schema."""
    change.schema = table_schema(columns, partition)
    change.note |= {"everything": True}
    return change
