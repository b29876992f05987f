"""Lines of delimited text into records; a record that cannot be read is returned with its fault and its text.

After a broken quote, reading goes on at the next line that fits, so that one quote never takes the rest of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from citylake.pipelines.parse.csv_fields import BROKEN_FIELDS, CsvDialect, CsvFields, FieldSplitter
from citylake.pipelines.parse.line_reader import LineReader, SourceLine
from citylake.pipelines.parse.read_request import ReadRequest
from citylake.schemas.words.errors import CitylakeError

_QUOTE_FAULTS = ("QUOTE_BROKEN", "QUOTE_OPEN")
GUESSED_ESCAPE = "\\"
_MAX_MISFITS = 10_000
"""Lines after a broken quote that are refused as one row."""
_MAX_TEXT_LINES = 200
"""Lines after a broken quote in which the end of its text is sought."""


class CsvRecord(NamedTuple):
    """``row``: the line on which the record starts; ``lines``: how many it has. A faulty record has no fields."""

    row: int
    text: str
    fields: CsvFields
    fault: CitylakeError | None = None
    lines: int = 1


class _ReadRecord(NamedTuple):
    """A record, the lines it was read from, and what is wrong with its quotes or its width."""

    record: CsvRecord
    lines: list[SourceLine]
    broken: CitylakeError | None = None


def split_csv_records(
    request: ReadRequest, lines: LineReader, dialect: CsvDialect, limit: int
) -> Iterator[tuple[int, CsvFields]]:
    """Each record with the line on which it starts; raises the first fault."""
    for record in CsvRecordReader(request, lines, dialect, limit).records():
        if record.fault:
            raise record.fault
        yield record.row, record.fields


class CsvRecordReader:
    """Reads records. ``width_fault`` judges the number of fields; lines that start with ``comment`` are not split.

    ``rescued`` counts the broken records that can be read if a backslash escapes quotes, ``contradicted`` the good ones
    that cannot.
    """

    def __init__(
        self,
        request: ReadRequest,
        lines: LineReader,
        dialect: CsvDialect,
        limit: int,
        width_fault: Callable[[int, CsvFields], CitylakeError | None] = lambda _, __: None,
        comment: str | None = None,
    ) -> None:
        self.splitter = FieldSplitter(dialect)
        self.rescued = self.contradicted = self.first_rescued = 0
        self._request, self._lines, self._limit = request, lines, limit
        self._width_fault, self._comment = width_fault, comment
        self._sign = GUESSED_ESCAPE + dialect.quote
        tried = dialect.quote and not dialect.escape and GUESSED_ESCAPE not in (dialect.quote, dialect.delimiter)
        self._escaped = FieldSplitter(replace(dialect, escape=GUESSED_ESCAPE)) if tried else None

    def records(self) -> Iterator[CsvRecord]:
        """Every record in order, faulty ones included."""
        while line := self._lines.read():
            read = self._read_record(line)
            record = read.record
            if self._escaped and self._sign in record.text:
                self._try_escape(read)
            if read.broken and (len(read.lines) > 1 or read.broken.code in _QUOTE_FAULTS):
                record = self._resynchronize(read, read.broken)
            yield record

    def _read_record(self, line: SourceLine) -> _ReadRecord:
        if self._comment and line.text.startswith(self._comment):
            return _ReadRecord(CsvRecord(line.number, line.text, [line.text.rstrip("\r\n")], line.fault), [line])
        fields = self.splitter.split(line.text)
        if fields and line.fault is None and self._width_fault(line.number, fields) is None:
            return _ReadRecord(CsvRecord(line.number, line.text, fields), [line])
        return self._read_doubtful_record(line, fields)

    def _read_doubtful_record(self, line: SourceLine, fields: CsvFields | None) -> _ReadRecord:
        """A record that has a fault or goes on after its first line; ``fields`` are those of that line."""
        taken, text = [line], line.text
        broken: CitylakeError | None = None
        while fields is None and broken is None:
            more, broken = self._read_until_quote(line.number, self._limit - len(text))
            taken += more
            text += "".join(each.text for each in more)
            fields = None if broken else self.splitter.split(text)
        if fields is BROKEN_FIELDS:
            broken = self._request.fault("QUOTE_BROKEN", row=line.number)
        elif fields is not None and not _is_cut(taken[-1]):
            broken = self._width_fault(line.number, fields)
        fault = next((each.fault for each in taken if each.fault), broken)
        return _ReadRecord(
            CsvRecord(line.number, text, [] if fault else fields or [], fault, len(taken)), taken, broken
        )

    def _read_until_quote(self, start: int, left: int) -> tuple[list[SourceLine], CitylakeError | None]:
        """The lines up to the next one with a quote, which may close the field."""
        taken: list[SourceLine] = []
        while line := self._lines.read():
            taken.append(line)
            left -= len(line.text)
            if left < 0 or _is_cut(line):
                limit = left + sum(len(each.text) for each in taken)
                return taken, line.fault or self._request.fault("FIELD_TOO_LARGE", row=start, limit=limit)
            if self.splitter.dialect.quote in line.text:
                return taken, None
        return taken, self._request.fault("QUOTE_OPEN", row=start)

    def _resynchronize(self, read: _ReadRecord, broken: CitylakeError) -> CsvRecord:
        """The broken record up to the line before the next one that fits; the lines after it are read again.

        A closed record of several lines stays one if most lines within it are not records of their own.
        """
        record, taken = read.record, read.lines
        closed = broken.code in ("ROW_WIDTH", "QUOTE_BROKEN")
        refused = taken if closed and not self._are_records(broken, taken[1:-1]) else taken[:1]
        self._lines.put_back(taken[len(refused) :])
        if self._odd_quotes(refused):
            refused = refused + (self._read_rest_of_text(refused) or self._read_misfits())
        return CsvRecord(record.row, "".join(line.text for line in refused), [], record.fault, len(refused))

    def _odd_quotes(self, lines: Sequence[SourceLine]) -> bool:
        """Whether a text that begins in ``lines`` may go on after them."""
        return sum(line.text.count(self.splitter.dialect.quote) for line in lines) % 2 > 0

    def _are_records(self, broken: CitylakeError, inner: Sequence[SourceLine]) -> bool:
        if not inner:
            return broken.code == "QUOTE_BROKEN"
        return 2 * sum(self._fits_alone(line) for line in inner) >= len(inner)

    def _read_rest_of_text(self, begun: Sequence[SourceLine]) -> list[SourceLine]:
        """The lines through the one that may close the text of ``begun``, if the record then fits; otherwise none.

        Between them may be lines that fit by chance: whether they are records or text cannot be known.
        """
        found: list[SourceLine] = []
        while len(found) < _MAX_TEXT_LINES and (line := self._lines.read()):
            found.append(line)
            if self._odd_quotes([line]):
                fields = self.splitter.split_loosely("".join(each.text for each in (*begun, *found)))
                if fields and self._width_fault(line.number, fields) is None:
                    return found
                break
        self._lines.put_back(found)
        return []

    def _read_misfits(self) -> list[SourceLine]:
        """The lines before the next record that surely fits, or through the one whose quote may end the broken text."""
        found: list[SourceLine] = []
        size = 0
        while len(found) < _MAX_MISFITS and size < self._limit and (line := self._lines.read()):
            read = self._read_record(line)
            fits = read.record.fault is None and any(read.record.fields) and not self.splitter.doubtful
            self._lines.put_back(read.lines if fits else read.lines[1:])
            if fits:
                break
            found.append(line)
            size += len(line.text)
            if self._odd_quotes([line]):
                break
        return found

    def _fits_alone(self, line: SourceLine) -> bool:
        fields = None if line.fault else self.splitter.split(line.text)
        return bool(fields) and not self.splitter.doubtful and self._width_fault(line.number, fields or []) is None

    def _try_escape(self, read: _ReadRecord) -> None:
        fits = self._escaped is not None and self._fits_escaped(self._escaped, read.lines)
        if read.broken and fits:
            self.rescued += 1
            self.first_rescued = self.first_rescued or read.record.row
        elif read.record.fault is None:
            self.contradicted += not fits

    def _fits_escaped(self, splitter: FieldSplitter, lines: Sequence[SourceLine]) -> bool:
        text = ""
        for line in lines:
            text += line.text
            fields = splitter.split(text)
            if fields is not None:
                return bool(fields) and self._width_fault(line.number, fields) is None
        return False


def _is_cut(line: SourceLine) -> bool:
    """Whether only the beginning of the line is in memory."""
    return line.fault is not None and line.fault.code == "FIELD_TOO_LARGE"
