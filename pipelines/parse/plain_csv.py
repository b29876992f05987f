"""A receipt's CSV that can be read by blocks: its bytes are so plain that every reader gives the same rows.

Any other file (records over several lines, quotes inside a field, mixed line ends, rows of another width) is read by
the general reader, :mod:`citylake.pipelines.parse.csv_reader`, with the same result.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from citylake.pipelines.parse.csv_layout import CsvLayout
from citylake.pipelines.parse.parse_limits import MAX_LINE_BYTES
from citylake.pipelines.parse.raw_file import RawFile
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest
from citylake.pipelines.records import ParsedReceipt, Receipt
from citylake.schemas.model.formats import CsvFormat

_SEEK = 1 << 16


class NotPlainCsvError(Exception):
    """A file that needs another reader; ``decoding``: it is not in the encoding that was tried."""

    def __init__(self, file: PlainCsvFile, why: str, *, decoding: bool = False) -> None:
        super().__init__(why)
        self.file, self.why, self.decoding = file, why, decoding


@dataclass(frozen=True, slots=True, eq=False)
class PlainCsvFile:
    """One receipt's CSV, of which only the header has been read; and how much of it is in the raw zone."""

    request: ReadRequest
    raw: RawFile
    path: Path
    layout: CsvLayout
    fmt: CsvFormat
    encoding: str
    checked: bool
    """Whether the bytes are known to be in ``encoding``; otherwise they begin as UTF-8."""
    carriage: bool
    """Whether lines end with CR LF."""
    report: ParseReport
    size: int
    """Bytes of the file when it was opened: what is appended later is not part of the receipt."""
    part: str = ""
    """The member of an archive."""
    written: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Files in the raw zone, each with its rows and the number of source bytes they came from."""

    @property
    def receipt(self) -> Receipt:
        """The receipt whose bytes these are."""
        return self.raw.receipt

    @property
    def columns(self) -> tuple[str, ...]:
        """Source fields; those from the file's name come last."""
        own = tuple(name for name in self.layout.columns if name not in self.layout.repeats)
        return (*own, *self.raw.constants)

    @property
    def alike(self) -> tuple[object, ...]:
        """Files with equal values can share a block."""
        return (self.layout.columns, self.layout.dialect, self.encoding, self.carriage, tuple(self.raw.constants))

    @property
    def stored(self) -> bool:
        """Whether all rows are in the raw zone."""
        return sum(size for _, size in self.written.values()) == self._data_bytes()

    def discard(self) -> None:
        """Remove what was written to the raw zone."""
        self.raw.remove()
        self.written.clear()

    def parsed(self) -> ParsedReceipt:
        """The receipt in the raw zone; only if it is :attr:`stored`."""
        rows = sum(rows for rows, _ in self.written.values())
        return ParsedReceipt(self.receipt, tuple(sorted(self.written)), self.columns, rows, self.report.as_dict())

    def estimate_rows(self) -> int:
        """The number of rows, estimated from the first lines."""
        with self.path.open("rb") as file:
            file.seek(self.layout.offset)
            sample = file.read(_SEEK)
        return self._data_bytes() * max(sample.count(b"\n"), 1) // max(len(sample), 1)

    def spans(self, size: int) -> Iterator[tuple[int, int]]:
        """First and last byte of stretches of whole lines, each of about ``size`` bytes. Raises NotPlainCsvError."""
        start = self.layout.offset
        with self.path.open("rb", buffering=0) as file:
            while start < self.size:
                end = self._line_end(file.fileno(), start + size)
                yield start, end
                start = end

    def _data_bytes(self) -> int:
        return self.size - self.layout.offset

    def _line_end(self, file: int, place: int) -> int:
        for tried in range(place, min(place + MAX_LINE_BYTES, self.size), _SEEK):
            found = os.pread(file, _SEEK, tried).find(b"\n")
            if found >= 0:
                return min(tried + found + 1, self.size)
        if place + MAX_LINE_BYTES < self.size:
            raise NotPlainCsvError(self, "long line")
        return self.size
