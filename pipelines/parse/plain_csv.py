"""A receipt's CSV that can be read by blocks: its bytes are so plain that every reader gives the same rows.

Any other file (records over several lines, quotes inside a field, mixed line ends, rows of another width) is read by
the general reader, :mod:`citylake.pipelines.parse.csv_reader`, with the same result.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from citylake.pipelines.parse.csv_layout import CsvLayout
from citylake.pipelines.parse.parse_limits import MAX_LINE_BYTES
from citylake.pipelines.parse.raw_file import RawFile
from citylake.pipelines.parse.read_record import (
    NOT_REWRITTEN,
    ReadRecord,
    Rewriting,
    Stretch,
    reading_differs,
    stretches_in_order,
    total_size,
)
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest
from citylake.pipelines.records import ParsedReceipt, Receipt
from citylake.schemas.model.formats import CsvFormat

if TYPE_CHECKING:
    import numpy as np

_SEEK = 1 << 16


class NotPlainCsvError(Exception):
    """A file that needs another reader; ``decoding``: it is not in the encoding that was tried."""

    def __init__(self, file: PlainCsvFile, why: str, *, decoding: bool = False) -> None:
        super().__init__(why)
        self.file, self.why, self.decoding = file, why, decoding


@dataclass(frozen=True, slots=True, eq=False)
class PlainCsvFile:
    """One receipt's CSV, of which only the header has been read; and what is known of the rows that were read."""

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
    rewritten: Rewriting = NOT_REWRITTEN
    words: Mapping[str, Any] = field(default_factory=dict)
    """What contract and workspace said about the reading."""
    recorded: ReadRecord | None = None
    """An earlier reading of the same bytes, which this one must agree with."""
    stretches: dict[int, Stretch] = field(default_factory=dict)
    """The stretches that were read, by their first byte."""

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
    def complete(self) -> bool:
        """Whether all rows were read."""
        return total_size(tuple(self.stretches.values())) == self._data_bytes()

    @property
    def rows(self) -> int:
        """The rows that were read."""
        return sum(each.rows for each in tuple(self.stretches.values()))

    def add_stretch(self, start: int, end: int, rows: int, offsets: np.ndarray) -> None:
        """Note the rows from byte ``start`` to ``end``; in any order, and again. Raises READING_DIFFERS at the end."""
        self.stretches[start] = Stretch.of(rows, offsets, end - start)
        if self.recorded and self.rows != self.recorded.rows and self.complete:
            raise reading_differs(self.receipt, self.recorded, self.rows)

    def record(self) -> ReadRecord:
        """How the file was read; only if it is :attr:`complete`."""
        found, receipt = self.layout, self.receipt
        return ReadRecord(
            receipt=receipt.id,
            sha256=receipt.sha256,
            size_bytes=receipt.size_bytes,
            part=self.part,
            encoding=self.encoding,
            rewritten=self.rewritten,
            delimiter=found.dialect.delimiter,
            quote=found.dialect.quote,
            line_end="\r\n" if self.carriage else "\n",
            columns=found.columns,
            repeats=dict(found.repeats),
            width=found.width,
            constants=dict(self.raw.constants),
            header_row=found.header_row,
            first_line=found.first_line,
            offset=found.offset,
            size=self.size,
            max_field_bytes=self.fmt.max_field_bytes,
            rows=self.rows,
            words=dict(self.words),
            report=self.report.as_dict(),
            stretches=stretches_in_order(self.stretches),
        )

    def store(self) -> ParsedReceipt:
        """Write how the file was read to the raw zone, where that is the receipt; only if it is :attr:`complete`.

        Nothing is written if an earlier reading had other rows.
        """
        record = self.record()
        same = self.recorded is None or self.recorded.rows == record.rows
        files = (self.raw.write_record(record),) if same else ()
        return ParsedReceipt(self.receipt, files, self.columns, record.rows, record.report)

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
