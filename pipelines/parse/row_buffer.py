"""Rows that are made one by one, spooled to disk in batches of bounded size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

import polars as pl

from citylake.pipelines.parse.parse_limits import BATCH_CHARS, BATCH_PLACES, BATCH_ROWS
from citylake.pipelines.parse.read_request import ReadRequest, text_schema
from citylake.pipelines.parse.spool import Spool

PlacedRow = tuple[str, int, Mapping[str, str | None]]
"""A row, after its ``_part`` and ``_row``."""


@dataclass(slots=True)
class RowBuffer:
    """Buffers rows for ``spool``; a batch has every column that any of its rows has.

    Raises COLUMNS_TOO_MANY, COLUMNS_SPARSE or FILE_ROWS_TOO_MANY as soon as the rows that came have too many.
    """

    request: ReadRequest
    spool: Spool
    change: Callable[[pl.DataFrame], pl.DataFrame] | None = None
    """Applied to each batch before it is spooled."""
    held: list[PlacedRow] = field(default_factory=list)
    chars: int = 0
    rows: int = 0
    filled: int = 0
    """Members of all rows."""
    _seen: set[str] = field(default_factory=set)
    """Every column so far."""
    _batch: set[str] = field(default_factory=set)
    """The columns of the rows that are held."""

    def add(self, part: str, number: int, row: Mapping[str, str | None]) -> None:
        """Add one row."""
        self.held.append((part, number, row))
        self.rows += 1
        self.filled += len(row)
        self.chars += sum(len(value) for value in row.values() if value)
        if not self._batch.issuperset(row):
            self._note_columns(row, number)
        places = len(self.held) * len(self._batch)
        if len(self.held) >= BATCH_ROWS or self.chars >= BATCH_CHARS or places >= BATCH_PLACES:
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

    def _note_columns(self, row: Iterable[str], number: int) -> None:
        self._batch.update(row)
        self._seen.update(row)
        self.request.check_columns(len(self._seen), number)

    def _put(self) -> None:
        if self.held:
            self.request.check_rows(self.rows)
            self.request.check_spread(self.rows, len(self._seen), self.filled)
            batch = _rows_to_frame(self.held)
            self.spool.add(self.change(batch) if self.change else batch)
        self.held, self.chars, self._batch = [], 0, set()


def _rows_to_frame(held: list[PlacedRow]) -> pl.DataFrame:
    rows = [row for _, _, row in held]
    columns = dict.fromkeys(column for row in rows for column in row)
    places = [(part, number) for part, number, _ in held]
    where = pl.DataFrame(places, schema={"_part": pl.String(), "_row": pl.Int64()}, orient="row")
    return pl.DataFrame(rows, schema=text_schema(columns)).with_columns(where.get_columns())
