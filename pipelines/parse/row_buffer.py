"""Rows that are made one by one, spooled to disk in batches of bounded size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

import polars as pl

from citylake.pipelines.parse.parse_limits import BATCH_CHARS, BATCH_PLACES, BATCH_ROWS
from citylake.pipelines.parse.read_request import ReadRequest, text_schema
from citylake.pipelines.parse.record_frame import RecordFrame
from citylake.pipelines.parse.spool import Spool

PlacedRow = tuple[str, int, Mapping[str, str | None] | RecordFrame]
"""A row, after its ``_part`` and ``_row``; or consecutive rows, after those of the first."""
_HeldRow = tuple[str, int, Mapping[str, str | None]]


@dataclass(slots=True)
class RowBuffer:
    """Buffers rows for ``spool``; a batch has every column that any of its rows has.

    Raises COLUMNS_TOO_MANY, COLUMNS_SPARSE or FILE_ROWS_TOO_MANY as soon as the rows that came have too many.
    """

    request: ReadRequest
    spool: Spool
    change: Callable[[pl.DataFrame], pl.DataFrame] | None = None
    """Applied to each batch before it is spooled."""
    held: list[_HeldRow] = field(default_factory=list)
    parts: list[pl.DataFrame | list[_HeldRow]] = field(default_factory=list)
    """The rows of the batch before those that are held."""
    chars: int = 0
    rows: int = 0
    filled: int = 0
    """Members of all rows."""
    _seen: set[str] = field(default_factory=set)
    """Every column so far."""
    _batch: set[str] = field(default_factory=set)
    """The columns of the batch."""
    _put_rows: int = 0
    """Rows of the batches before."""

    def add(self, part: str, number: int, row: Mapping[str, str | None]) -> None:
        """Add one row."""
        self.held.append((part, number, row))
        self.rows += 1
        self.filled += len(row)
        self.chars += sum(len(value) for value in row.values() if value)
        if not self._batch.issuperset(row):
            self._note_columns(row, number)
        self._put_if_full()

    def add_frame(self, part: str, number: int, rows: RecordFrame) -> None:
        """Add consecutive rows, the first of which has the number ``number``."""
        self._gather()
        numbers = pl.Series(range(number, number + len(rows)), dtype=pl.Int64())
        self.parts.append(rows.frame.with_columns(_part=pl.lit(part, pl.String()), _row=numbers))
        self.rows += len(rows)
        self.filled += rows.filled
        self.chars += int(rows.frame.estimated_size())
        self._note_columns(rows.frame.columns, number)
        self._put_if_full()

    def all(self, rows: Iterable[PlacedRow]) -> Self:
        """Add all ``rows``."""
        for part, number, row in rows:
            if isinstance(row, RecordFrame):
                self.add_frame(part, number, row)
            else:
                self.add(part, number, row)
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

    def _put_if_full(self) -> None:
        count = self.rows - self._put_rows
        if count >= BATCH_ROWS or self.chars >= BATCH_CHARS or count * len(self._batch) >= BATCH_PLACES:
            self._put()

    def _gather(self) -> None:
        if self.held:
            self.parts.append(self.held)
            self.held = []

    def _put(self) -> None:
        self._gather()
        if self.parts:
            self.request.check_rows(self.rows)
            self.request.check_spread(self.rows, len(self._seen), self.filled)
            frames = [_rows_to_frame(part) if isinstance(part, list) else part for part in self.parts]
            batch = pl.concat(frames, how="diagonal")
            self.spool.add(self.change(batch) if self.change else batch)
        self.parts, self.chars, self._put_rows, self._batch = [], 0, self.rows, set()


def _rows_to_frame(held: Sequence[_HeldRow]) -> pl.DataFrame:
    rows = [row for _, _, row in held]
    columns = dict.fromkeys(column for row in rows for column in row)
    places = [(part, number) for part, number, _ in held]
    where = pl.DataFrame(places, schema={"_part": pl.String(), "_row": pl.Int64()}, orient="row")
    return pl.DataFrame(rows, schema=text_schema(columns)).with_columns(where.get_columns())
