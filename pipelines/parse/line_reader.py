"""The physical lines of a text, one at a time, up to a maximum length."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from citylake.pipelines.blocks.damaged_texts import DAMAGED_TEXTS
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest

_EXCERPT_CHARS = 20


class LineReader:
    """Iterates over lines with their ends; ``number`` (from 1) and ``bytes`` count up to the last returned line.

    Raises FIELD_TOO_LARGE, NUL_BYTES or BOM_INSIDE with the row, and UnicodeDecodeError for other encodings.
    """

    def __init__(
        self, request: ReadRequest, path: Path, limit: int, report: ParseReport, encoding: str = "utf-8"
    ) -> None:
        self.number = self.bytes = 0
        self._request, self._limit, self._report, self._encoding = request, limit, report, encoding
        self._file = path.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="")
        self._ends: set[str] = set()

    def __enter__(self) -> LineReader:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[str]:
        while line := self._file.readline(self._limit + 3):
            self.number += 1
            self.bytes += len(line.encode(self._encoding))
            self._check(line)
            yield line

    def record_ends(self, line: str) -> None:
        """Note the line end of a record, and report mixed ones; line ends inside quotes are not counted."""
        end = line[len(line.rstrip("\r\n")) :]
        if end and end not in self._ends:
            if self._ends:
                self._report.add_notice("LINE_ENDS_MIXED", file=self._request.shown, row=self.number)
            self._ends.add(end)

    def _check(self, line: str) -> None:
        if len(line) > self._limit and len(line.rstrip("\r\n")) > self._limit:
            raise self._request.fault("FIELD_TOO_LARGE", row=self.number, limit=self._limit)
        if "\0" in line:
            raise self._request.fault("NUL_BYTES", row=self.number)
        if line.startswith("\ufeff"):
            raise self._request.fault("BOM_INSIDE", row=self.number)
        damage = None if line.isascii() else next((mark for mark in DAMAGED_TEXTS if mark in line), None)
        if damage:
            near = line[max(0, line.index(damage) - _EXCERPT_CHARS) :][: 2 * _EXCERPT_CHARS].strip()
            self._report.add_notice("TEXT_DAMAGED", file=self._request.shown, row=self.number, near=near)
