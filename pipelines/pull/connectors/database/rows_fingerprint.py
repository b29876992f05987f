"""A fingerprint of a set of rows that does not depend on their order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl
import pyarrow as pa  # noqa: TC002 (loaded anyway, and named in signatures)

_SEEDS = (0, 7)
_MODULUS = 1 << 64


@dataclass(slots=True)
class RowsFingerprint:
    """The number of rows, and the sums of two hashes of each whole row."""

    rows: int = 0
    sums: tuple[int, int] = (0, 0)

    def over(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield the batches and add them to the fingerprint."""
        for batch in batches:
            frame = pl.DataFrame(pl.from_arrow(batch))
            more = [int(frame.hash_rows(seed).cast(pl.Int128).sum()) if batch.num_rows else 0 for seed in _SEEDS]
            self.rows += batch.num_rows
            self.sums = ((self.sums[0] + more[0]) % _MODULUS, (self.sums[1] + more[1]) % _MODULUS)
            yield batch

    @property
    def text(self) -> str:
        """The hashes as a text."""
        return f"{self.sums[0]:016x}{self.sums[1]:016x}"
