"""The physical lines of a text, one at a time, up to a maximum length."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from citylake.pipelines.blocks.damaged_texts import DAMAGED_TEXTS
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest
from citylake.schemas.words.errors import CitylakeError

_EXCERPT_CHARS = 20


class SourceLine(NamedTuple):
    """A line with its end; ``number`` counts from 1. ``fault``: why its text cannot be used."""

    number: int
    text: str
    fault: CitylakeError | None


class LineReader:
    """Reads lines; ``number`` and ``bytes`` count up to the last returned line.

    A line's fault is FIELD_TOO_LARGE, NUL_BYTES, BOM_INSIDE or ENCODING_WRONG. Iteration gives texts and raises faults;
    :meth:`read` returns them with the line.
    """

    def __init__(
        self, request: ReadRequest, path: Path, limit: int, report: ParseReport, encoding: str = "utf-8"
    ) -> None:
        self.number = self.bytes = 0
        self._request, self._limit, self._report, self._encoding = request, limit, report, encoding
        codec = "utf-8-sig" if encoding == "utf-8" else encoding
        self._file = path.open(encoding=codec, errors="surrogateescape", newline="")
        with path.open("rb") as file:
            self._marked = len(BOM_UTF8) * (encoding == "utf-8" and file.read(len(BOM_UTF8)) == BOM_UTF8)
        self._ends: set[str] = set()
        self._again: deque[SourceLine] = deque()

    def __enter__(self) -> LineReader:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[str]:
        while line := self.read():
            if line.fault:
                raise line.fault
            yield line.text

    def sound_texts(self) -> Iterator[str]:
        """The texts of the lines without a fault, for a sample."""
        while line := self.read():
            if not line.fault:
                yield line.text

    def read(self) -> SourceLine | None:
        """The next line; None at the end. Of a line over the limit, only its beginning is returned."""
        if self._again:
            line = self._again.popleft()
            self.number = line.number
            return line
        text = self._file.readline(self._limit + 3)
        if not text:
            return None
        self.number += 1
        bad = self._count_bytes(text)
        return SourceLine(self.number, text, self._find_fault(text) or bad)

    @property
    def offset(self) -> int:
        """The bytes of the file up to the last returned line."""
        return self._marked + self.bytes

    def pass_over(self, size: int, lines: int) -> None:
        """Continue behind ``lines`` whole lines of ``size`` bytes, which were read in another way."""
        self.bytes += size
        self.number += lines
        self._file.seek(self.offset)

    def put_back(self, lines: Sequence[SourceLine]) -> None:
        """Return ``lines``, which were read last, once more."""
        if lines:
            self._again.extendleft(reversed(lines))
            self.number = lines[0].number - 1

    def record_ends(self, line: str) -> None:
        """Note the line end of a record, and report mixed ones; line ends inside quotes are not counted."""
        end = line[len(line.rstrip("\r\n")) :]
        if end and end not in self._ends:
            if self._ends:
                self._report.add_notice("LINE_ENDS_MIXED", file=self._request.shown, row=self.number)
            self._ends.add(end)

    def _count_bytes(self, text: str) -> CitylakeError | None:
        """Count the bytes of a line; ENCODING_WRONG if some of them could not be decoded."""
        before = self._marked + self.bytes
        try:
            self.bytes += len(text.encode(self._encoding))
        except UnicodeEncodeError as error:
            self.bytes += len(text.encode(self._encoding, "surrogateescape"))
            offset = before + len(text[: error.start].encode(self._encoding)) + 1
            # A byte that cannot be decoded is a lone surrogate, whose last eight bits are the byte.
            byte = f"{ord(text[error.start]) & 0xFF:02X}"
            values = {"row": self.number, "offset": offset, "byte": byte, "encoding": self._encoding}
            return self._request.fault("ENCODING_WRONG", **values)
        return None

    def _find_fault(self, text: str) -> CitylakeError | None:
        if len(text) > self._limit and len(text.rstrip("\r\n")) > self._limit:
            self._skip_rest(text)
            return self._request.fault("FIELD_TOO_LARGE", row=self.number, limit=self._limit)
        if "\0" in text:
            return self._request.fault("NUL_BYTES", row=self.number)
        if text.startswith("\ufeff"):
            return self._request.fault("BOM_INSIDE", row=self.number)
        if not text.isascii():
            self._note_damage(text)
        return None

    def _skip_rest(self, text: str) -> None:
        while text and not text.endswith(("\n", "\r")):
            text = self._file.readline(self._limit)
            self.bytes += len(text.encode(self._encoding, "surrogateescape"))

    def _note_damage(self, text: str) -> None:
        damage = next((mark for mark in DAMAGED_TEXTS if mark in text), None)
        if damage:
            near = text[max(0, text.index(damage) - _EXCERPT_CHARS) :][: 2 * _EXCERPT_CHARS].strip()
            self._report.add_notice("TEXT_DAMAGED", file=self._request.shown, row=self.number, near=near)
