"""Text columns to the raw zone: one Parquet file a receipt, written whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from pipelines.lake import Lake
from pipelines.records import Receipt

SYSTEM = ("_receipt", "_source", "_part", "_row")


@dataclass(frozen=True, slots=True)
class RawFile:
    """Where a receipt's rows go; ``constants`` are columns that the file's name gives."""

    lake: Lake
    receipt: Receipt
    constants: Mapping[str, str | None]

    @property
    def folder(self) -> str:
        """The receipt's folder in the raw zone."""
        return self.lake.raw(self.receipt.dataset, self.receipt.id)

    @property
    def path(self) -> str:
        """The file."""
        return f"{self.folder}/part-00000.parquet"

    def write(self, frame: pl.LazyFrame) -> int:
        """Stream ``frame`` (source columns, ``_part``, ``_row``) into the file, over what was there; the rows."""
        self.lake.makedirs(self.folder)
        named = {"_receipt": self.receipt.id, "_source": self.receipt.name, **self.constants}
        whole = frame.with_columns(pl.lit(value, pl.String).alias(name) for name, value in named.items())
        order = [pl.exclude(*SYSTEM), *(pl.col(name) for name in SYSTEM)]
        options = self.lake.storage_options
        whole.select(order).sink_parquet(self.path, compression="zstd", storage_options=options)
        counted = pl.scan_parquet(self.path, storage_options=options, glob=False).select(pl.len()).collect()
        return int(counted.item())

    def remove(self) -> None:
        """Leave nothing half-written."""
        if self.lake.fs.exists(self.folder):
            self.lake.fs.rm(self.folder, recursive=True)
