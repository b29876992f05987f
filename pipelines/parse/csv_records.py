"""Delimited text into fields, strictly by RFC 4180.

Python's ``csv`` before 3.12 cannot distinguish ``""`` (an empty text) from an empty field (no value).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from citylake.pipelines.parse.line_reader import LineReader
from citylake.pipelines.parse.read_request import ReadRequest

CsvFields = list[str | None]


@dataclass(frozen=True, slots=True)
class CsvDialect:
    """One character each; ``quote`` may be empty."""

    delimiter: str
    quote: str


def split_csv_records(
    request: ReadRequest, lines: LineReader, dialect: CsvDialect, limit: int
) -> Iterator[tuple[int, CsvFields]]:
    """Each record with the line on which it starts; raises QUOTE_OPEN, QUOTE_BROKEN or FIELD_TOO_LARGE."""
    splitter = _Splitter(dialect)
    source = iter(lines)
    for line in source:
        start, text = lines.number, line
        fields = splitter.split(text)
        while fields is None:
            text += _read_until_quote(request, source, dialect.quote, start, limit - len(text))
            fields = splitter.split(text)
        if fields is _BROKEN_RECORD:
            raise request.fault("QUOTE_BROKEN", row=start)
        lines.record_ends(text)
        yield start, fields


def _read_until_quote(request: ReadRequest, source: Iterator[str], quote: str, start: int, left: int) -> str:
    """The lines up to the next one with a quote, which may close the field."""
    taken: list[str] = []
    for line in source:
        taken.append(line)
        left -= len(line)
        if left < 0:
            raise request.fault("FIELD_TOO_LARGE", row=start, limit=left + sum(map(len, taken)))
        if quote in line:
            return "".join(taken)
    raise request.fault("QUOTE_OPEN", row=start)


_BROKEN_RECORD: CsvFields = []


class _Splitter:
    def __init__(self, dialect: CsvDialect) -> None:
        self.dialect = dialect
        quote, delimiter = re.escape(dialect.quote), re.escape(dialect.delimiter)
        inner = rf"{quote}((?:[^{quote}]|{quote}{quote})*+)"
        # A complete quoted field up to the delimiter or the line's end; and a field that the line does not close.
        self.quoted = re.compile(rf"{inner}{quote}(?={delimiter}|\Z)") if quote else re.compile("")
        self.open = re.compile(rf"{inner}\Z") if quote else self.quoted

    def split(self, line: str) -> CsvFields | None:
        """The fields of a record; None if a quoted field is still open."""
        text = line[:-2] if line.endswith("\r\n") else line[:-1] if line.endswith(("\n", "\r")) else line
        delimiter, quote = self.dialect.delimiter, self.dialect.quote
        if not quote or quote not in text:
            return [field or None for field in text.split(delimiter)]
        return self._split(text, line)

    def _split(self, text: str, line: str) -> CsvFields | None:
        delimiter, quote = self.dialect.delimiter, self.dialect.quote
        fields: CsvFields = []
        at = 0
        while True:
            if text.startswith(quote, at):
                match = self.quoted.match(text, at)
                if match is None:
                    return None if self.open.match(line, at) else _BROKEN_RECORD
                fields.append(match[1].replace(quote * 2, quote))
                end = match.end()
            else:
                end = text.find(delimiter, at)
                end = len(text) if end < 0 else end
                fields.append(text[at:end] or None)
            if end == len(text):
                return fields
            at = end + 1
