"""Rows that are made one by one, spooled to disk in batches of bounded size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

import polars as pl

from citylake.pipelines.parse.parse_limits import BATCH_CHARS, BATCH_ROWS
from citylake.pipelines.parse.read_request import text_schema
from citylake.pipelines.parse.spool import Spool

PlacedRow = tuple[str, int, Mapping[str, str | None]]
"""A row, after its ``_part`` and ``_row``."""


@dataclass(slots=True)
class RowBuffer:
    """Buffers rows for ``spool``; a batch has every column that any of its rows has."""

    spool: Spool
    change: Callable[[pl.DataFrame], pl.DataFrame] | None = None
    """Applied to each batch before it is spooled."""
    held: list[PlacedRow] = field(default_factory=list)
    chars: int = 0

    def add(self, part: str, number: int, row: Mapping[str, str | None]) -> None:
        """Add one row."""
        self.held.append((part, number, row))
        self.chars += sum(len(value) for value in row.values() if value)
        if len(self.held) >= BATCH_ROWS or self.chars >= BATCH_CHARS:
            self._put()

    def all(self, rows: Iterable[PlacedRow]) -> Self:
        """Add all ``rows``."""
        for placed in rows:
            self.add(*placed)
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The source's columns in the order in which they appeared."""
        self._put()
        return tuple(column for column in self.spool.columns if column not in ("_part", "_row"))

    def frame(self) -> pl.LazyFrame:
        """Every row in order."""
        self._put()
        return self.spool.frame()

    def _put(self) -> None:
        if self.held:
            batch = _rows_to_frame(self.held)
            self.spool.add(self.change(batch) if self.change else batch)
        self.held, self.chars = [], 0


def _rows_to_frame(held: list[PlacedRow]) -> pl.DataFrame:
    rows = [row for _, _, row in held]
    columns = dict.fromkeys(column for row in rows for column in row)
    places = [(part, number) for part, number, _ in held]
    where = pl.DataFrame(places, schema={"_part": pl.String(), "_row": pl.Int64()}, orient="row")
    return pl.DataFrame(rows, schema=text_schema(columns)).with_columns(where.get_columns())
