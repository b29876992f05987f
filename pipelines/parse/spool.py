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
    held: list[pl.DataFrame] = field(default_factory=list)
    """The batches in memory, below those on disk."""
    row_bytes: int = 1
    """Bytes of a row in the batch whose rows are largest."""
    room: int = 0
    """Bytes of batches that are held in memory; of the last one, however large."""
    _held_bytes: int = 0

    def add(self, batch: pl.DataFrame) -> None:
        """Add a batch; those before it are written to disk if there is no room."""
        size = int(batch.estimated_size())
        if self.held and self._held_bytes + size > self.room:
            path = self.scratch / f"{self.name}-{len(self.written):06d}.parquet"
            pl.concat(self.held, how="diagonal", rechunk=False).write_parquet(path, compression="lz4", statistics=False)
            self.written.append(path)
            self.held, self._held_bytes = [], 0
        self.held.append(batch)
        self._held_bytes += size
        self.row_bytes = max(self.row_bytes, size // max(len(batch), 1))
        self.columns.update(dict.fromkeys(batch.columns))

    @property
    def group_rows(self) -> int:
        """Rows of a row group that can be held in memory."""
        return max(1, min(GROUP_ROWS, GROUP_BYTES // self.row_bytes, GROUP_PLACES // max(len(self.columns), 1)))

    def frame(self, columns: Iterable[str] = ()) -> pl.LazyFrame:
        """Every batch in order; without any, an empty table of ``columns``."""
        if not self.held:
            return pl.LazyFrame(schema={**text_schema(columns), "_part": pl.String(), "_row": pl.Int64()})
        held = pl.concat(self.held, how="diagonal", rechunk=False) if len(self.held) > 1 else self.held[0]
        if not self.written:
            return held.lazy()
        return pl.concat([*(pl.scan_parquet(path, glob=False) for path in self.written), held.lazy()], how="diagonal")
