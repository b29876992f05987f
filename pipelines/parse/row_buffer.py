"""Rows that are made one by one, spooled to disk in batches of bounded size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Self

import numpy as np
import polars as pl

from citylake.pipelines.parse.parse_limits import BATCH_CHARS, BATCH_PLACES, BATCH_ROWS
from citylake.pipelines.parse.read_request import ReadRequest, text_schema
from citylake.pipelines.parse.record_frame import RecordFrame
from citylake.pipelines.parse.spool import Spool

PlacedRow = tuple[str, int, Mapping[str, str | None] | RecordFrame]
"""A row, after its ``_part`` and ``_row``; or consecutive rows, after those of the first."""
_HeldRow = tuple[str, int, Mapping[str, str | None]]


class _Part(NamedTuple):
    """Rows, and of each run of consecutive ones its ``_part``, its first ``_row`` and its length."""

    runs: Sequence[tuple[str, int, int]]
    rows: Sequence[Mapping[str, str | None]] | pl.DataFrame

    @property
    def frame(self) -> pl.DataFrame:
        if isinstance(self.rows, pl.DataFrame):
            return self.rows
        return pl.DataFrame(self.rows, schema=text_schema(dict.fromkeys(name for row in self.rows for name in row)))


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
    parts: list[_Part] = field(default_factory=list)
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
        self.chars += sum(map(len, filter(None, row.values())))
        if not self._batch.issuperset(row):
            self._note_columns(row, number)
        self._put_if_full()

    def add_frame(self, part: str, number: int, rows: RecordFrame) -> None:
        """Add consecutive rows, the first of which has the number ``number``."""
        self._gather()
        self.parts.append(_Part([(part, number, len(rows))], rows.frame))
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
            runs = [(part, number, 1) for part, number, _ in self.held]
            self.parts.append(_Part(runs, [row for _, _, row in self.held]))
            self.held = []

    def _put(self) -> None:
        self._gather()
        if self.parts:
            self.request.check_rows(self.rows)
            self.request.check_spread(self.rows, len(self._seen), self.filled)
            batch = pl.concat([part.frame for part in self.parts], how="diagonal").with_columns(_places(self.parts))
            self.spool.add(self.change(batch) if self.change else batch)
        self.parts, self.chars, self._put_rows, self._batch = [], 0, self.rows, set()


def _places(parts: Iterable[_Part]) -> list[pl.Series]:
    """The columns ``_part`` and ``_row`` of all rows."""
    names, firsts, counts = zip(*(run for part in parts for run in part.runs), strict=True)
    ends = np.cumsum(counts)
    numbers = np.arange(ends[-1]) + np.repeat(np.array(firsts) - ends + counts, counts)
    of = pl.Series("_part", names, dtype=pl.String()).gather(np.repeat(np.arange(len(names)), counts))
    return [of, pl.Series("_row", numbers, dtype=pl.Int64())]
