"""Consecutive records of a source as columns."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl  # noqa: TC002 (loaded anyway, and named in the class)


@dataclass(frozen=True, slots=True)
class RecordFrame:
    """Records as text columns; ``filled``: their members that are values, null too."""

    frame: pl.DataFrame
    filled: int

    def __len__(self) -> int:
        """The number of records."""
        return len(self.frame)
