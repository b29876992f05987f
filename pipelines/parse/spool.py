"""Batches of rows made in Python: written to scratch Parquet, and joined lazily for the raw zone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from citylake.pipelines.parse.parse_limits import GROUP_BYTES, GROUP_PLACES, GROUP_ROWS
from citylake.pipelines.parse.read_request import text_schema


@dataclass(slots=True)
class Spool:
    """Batches may differ in their columns; the joined table has every column, in the order of appearance.

    The last batch is in memory until another comes, so that a small file is not written twice.
    """

    scratch: Path
    written: list[Path] = field(default_factory=list)
    columns: dict[str, None] = field(default_factory=dict)
    name: str = "batch"
    """What the names of its files begin with; another for each spool of the same folder."""
    last: pl.DataFrame | None = None
    row_bytes: int = 1
    """Bytes of a row in the batch whose rows are largest."""

    def add(self, batch: pl.DataFrame) -> None:
        """Add a batch; the one before it is written to disk."""
        if self.last is not None:
            path = self.scratch / f"{self.name}-{len(self.written):06d}.parquet"
            self.last.write_parquet(path, compression="lz4")
            self.written.append(path)
        self.last = batch
        self.row_bytes = max(self.row_bytes, int(batch.estimated_size()) // max(len(batch), 1))
        self.columns.update(dict.fromkeys(batch.columns))

    @property
    def group_rows(self) -> int:
        """Rows of a row group that can be held in memory."""
        return max(1, min(GROUP_ROWS, GROUP_BYTES // self.row_bytes, GROUP_PLACES // max(len(self.columns), 1)))

    def frame(self, columns: Iterable[str] = ()) -> pl.LazyFrame:
        """Every batch in order; without any, an empty table of ``columns``."""
        if self.last is None:
            return pl.LazyFrame(schema={**text_schema(columns), "_part": pl.String(), "_row": pl.Int64()})
        if not self.written:
            return self.last.lazy()
        return pl.concat(
            [*(pl.scan_parquet(path, glob=False) for path in self.written), self.last.lazy()], how="diagonal"
        )
