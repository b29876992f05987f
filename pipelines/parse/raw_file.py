"""Text columns to the raw zone: one folder of Parquet files per receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from citylake.pipelines.blocks.arrow_arrays import arrow_table, numpy_to_arrow
from citylake.pipelines.blocks.block import PROVENANCE_COLUMNS, Block
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.parse.parse_limits import GROUP_ROWS
from citylake.pipelines.records import Receipt

REFUSED_FILE = "refused.parquet"
"""The name of the file of refused records, beside the parts."""
_SMALL_PART_ROWS = 20_000
"""Rows below which a part is written without its block's dictionaries."""


@dataclass(frozen=True, slots=True)
class RawFile:
    """The folder of a receipt's rows; ``constants`` are columns from the file's name."""

    lake: Lake
    receipt: Receipt
    constants: Mapping[str, str | None]

    @property
    def folder(self) -> str:
        """The receipt's folder in the raw zone."""
        return self.lake.raw(self.receipt.dataset, self.receipt.id)

    def path(self, part: int = 0) -> str:
        """The path of a part; names sort in the order of parts."""
        return f"{self.folder}/part-{part:05d}.parquet"

    def write(self, frame: pl.LazyFrame, group_rows: int = GROUP_ROWS) -> int:
        """Stream ``frame`` (source columns, ``_part``, ``_row``) into one file, replacing it; returns the row count.

        ``group_rows``: rows that are held in memory at once.
        """
        self.lake.makedirs(self.folder)
        named = {"_receipt": self.receipt.id, "_source": self.receipt.name, **self.constants}
        whole = frame.with_columns(pl.lit(value, pl.String).alias(name) for name, value in named.items())
        order = [pl.exclude(*PROVENANCE_COLUMNS), *(pl.col(name) for name in PROVENANCE_COLUMNS)]
        path, options = self.path(), self.lake.storage_options
        whole.select(order).sink_parquet(path, compression="zstd", row_group_size=group_rows, storage_options=options)
        counted = pl.scan_parquet(path, storage_options=options, glob=False).select(pl.len()).collect()
        return int(counted.item())

    def write_refused(self, frame: pl.LazyFrame) -> int:
        """Write the records that the reader refused, replacing them; returns their number."""
        self.lake.makedirs(self.folder)
        path, options = self.refused_path, self.lake.storage_options
        named = frame.with_columns(_receipt=pl.lit(self.receipt.id), _source=pl.lit(self.receipt.name))
        named.sink_parquet(path, compression="zstd", storage_options=options)
        counted = pl.scan_parquet(path, storage_options=options, glob=False).select(pl.len()).collect()
        return int(counted.item())

    @property
    def refused_path(self) -> str:
        """The path of the refused records."""
        return f"{self.folder}/{REFUSED_FILE}"

    def write_rows(self, block: Block, rows: slice, part: int) -> str:
        """Write consecutive rows of a block as a part; returns its path."""
        self.lake.makedirs(self.folder)
        order = [*(name for name in block.columns if name not in PROVENANCE_COLUMNS), "_receipt", "_source", "_part"]
        coded = {name: block.columns[name].coded(rows) for name in order}
        whole = arrow_table({**coded, "_row": numpy_to_arrow(block.row[rows])})
        if whole.num_rows < _SMALL_PART_ROWS:
            whole = whole.cast(pa.schema([(name, pa.string()) for name in order] + [("_row", pa.int64())]))
        path = self.path(part)
        # Raw rows are never filtered by statistics, and those of text are expensive.
        with self.lake.fs.open(path, "wb") as file:
            pq.write_table(whole, file, compression="zstd", write_statistics=False, store_schema=False)
        return path

    def remove(self) -> None:
        """Remove the receipt's folder."""
        if self.lake.fs.exists(self.folder):
            self.lake.fs.rm(self.folder, recursive=True)


def receipt_slices(block: Block) -> list[tuple[str, slice]]:
    """The receipts of a block, each with its rows, in order."""
    receipts = block.columns["_receipt"]
    ends = np.cumsum(np.bincount(receipts.at, minlength=len(receipts.values)))
    starts = [0, *ends[:-1].tolist()]
    names = receipts.values.to_pylist()
    return [(name, slice(start, int(end))) for name, start, end in zip(names, starts, ends, strict=True)]
