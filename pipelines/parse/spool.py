"""Batches of rows made in Python: written to scratch Parquet, and joined lazily for the raw zone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from citylake.pipelines.parse.read_request import text_schema


@dataclass(slots=True)
class Spool:
    """Batches may differ in their columns; the joined table has every column, in the order of appearance."""

    scratch: Path
    files: list[Path] = field(default_factory=list)
    columns: dict[str, None] = field(default_factory=dict)
    name: str = "batch"
    """What the names of its files begin with; another for each spool of the same folder."""

    def add(self, batch: pl.DataFrame) -> None:
        """Write a batch to disk."""
        path = self.scratch / f"{self.name}-{len(self.files):06d}.parquet"
        batch.write_parquet(path, compression="lz4")
        self.files.append(path)
        self.columns.update(dict.fromkeys(batch.columns))

    def frame(self, columns: Iterable[str] = ()) -> pl.LazyFrame:
        """Every batch in order; without any, an empty table of ``columns``."""
        if not self.files:
            return pl.LazyFrame(schema={**text_schema(columns), "_part": pl.String(), "_row": pl.Int64()})
        return pl.concat([pl.scan_parquet(path, glob=False) for path in self.files], how="diagonal")
