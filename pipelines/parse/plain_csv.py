"""A receipt's CSV that can be read by blocks, where its bytes are plain enough that no reader could differ.

What is not (records over several lines, odd quotes, other line ends, rows of another width) is read with care instead,
by :mod:`citylake.pipelines.parse.csv_reader`, with the same result.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from citylake.pipelines.parse.csv_layout import CsvLayout
from citylake.pipelines.parse.parse_limits import MAX_LINE_BYTES
from citylake.pipelines.parse.raw_file import RawFile
from citylake.pipelines.parse.read_request import ParseReport
from citylake.pipelines.records import Receipt
from citylake.schemas.model.formats import CsvFormat

_SEEK = 1 << 16


class NotPlainCsvError(Exception):
    """A file that has to be read with care; ``decoding``: because it is not in the encoding that was tried."""

    def __init__(self, direct: PlainCsvFile, why: str, *, decoding: bool = False) -> None:
        super().__init__(why)
        self.direct, self.why, self.decoding = direct, why, decoding


@dataclass(frozen=True, slots=True, eq=False)
class PlainCsvFile:
    """One receipt's CSV, not read yet but for its header."""

    raw: RawFile
    path: Path
    layout: CsvLayout
    fmt: CsvFormat
    encoding: str
    sure: bool
    carriage: bool
    """Whether lines end with CR LF."""
    report: ParseReport
    part: str = ""
    """The member of an archive."""

    @property
    def receipt(self) -> Receipt:
        """Whose bytes they are."""
        return self.raw.receipt

    @property
    def columns(self) -> tuple[str, ...]:
        """Source fields, those from the file's name last."""
        own = tuple(name for name in self.layout.columns if name not in self.layout.repeats)
        return (*own, *self.raw.constants)

    @property
    def alike(self) -> tuple[object, ...]:
        """Files in which this is the same can share a block."""
        return (self.layout.columns, self.layout.dialect, self.encoding, self.carriage, tuple(self.raw.constants))

    def about_rows(self) -> int:
        """How many rows there are, judged by the first lines."""
        with self.path.open("rb") as file:
            file.seek(self.layout.offset)
            sample = file.read(_SEEK)
        return (self.path.stat().st_size - self.layout.offset) * max(sample.count(b"\n"), 1) // max(len(sample), 1)

    def spans(self, size: int) -> Iterator[tuple[int, int]]:
        """First and last byte of stretches of whole lines, each of about ``size`` bytes."""
        start, total = self.layout.offset, self.path.stat().st_size
        with self.path.open("rb", buffering=0) as file:
            while start < total:
                end = self._line_end(file.fileno(), start + size, total)
                yield start, end
                start = end

    def _line_end(self, file: int, place: int, total: int) -> int:
        for tried in range(place, min(place + MAX_LINE_BYTES, total), _SEEK):
            found = os.pread(file, _SEEK, tried).find(b"\n")
            if found >= 0:
                return tried + found + 1
        if place + MAX_LINE_BYTES < total:
            raise NotPlainCsvError(self, "long line")
        return total
