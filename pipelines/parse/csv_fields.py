"""A record's text into fields, by RFC 4180 or with an escape character, as MySQL and others write it.

Python's ``csv`` before 3.12 cannot distinguish ``""`` (an empty text) from an empty field (no value).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

CsvFields = list[str | None]
_BLANKS = (" ", "\t")
BROKEN_FIELDS: CsvFields = []
"""The result for a record whose quotes do not enclose its fields."""


@dataclass(frozen=True, slots=True)
class CsvDialect:
    """One character each; ``quote`` and ``escape`` may be empty."""

    delimiter: str
    quote: str
    escape: str = ""


class FieldSplitter:
    """Splits records of ``dialect``.

    ``stray``: the last record has a quote within a field without quotes, which was taken literally; ``padded``: blanks
    stand between a quote and a delimiter.
    """

    def __init__(self, dialect: CsvDialect) -> None:
        self.dialect = dialect
        self.stray = self.padded = False
        quote, delimiter, escape = (re.escape(part) for part in (dialect.quote, dialect.delimiter, dialect.escape))
        blank = {" ": "", "\t": "[ ]*+"}.get(dialect.delimiter, r"[ \t]*+")
        inner = rf"{quote}((?:[^{quote}{escape}]|{escape + '.|' if escape else ''}{quote}{quote})*+)" if quote else ""
        # A complete quoted field up to the delimiter or the line's end; and a field that the line does not close.
        self._quoted = re.compile(rf"({blank}){inner}{quote}({blank})(?={delimiter}|\Z)", re.DOTALL)
        self._open = re.compile(rf"{inner}{escape + '?' if escape else ''}\Z", re.DOTALL)
        self._loose = re.compile(rf"{quote}(.*?){quote}{blank}(?={delimiter}|\Z)", re.DOTALL)
        self._bare = re.compile(rf"(?:[^{delimiter}{escape}]|{escape}.?)*+", re.DOTALL) if escape else None
        self._escapes = re.compile(rf"{escape}([{quote}{delimiter}{escape}\r\n])") if escape else None

    @property
    def doubtful(self) -> bool:
        """Whether the last record was read although its quotes are not as RFC 4180 says."""
        return self.stray or self.padded

    def split(self, line: str) -> CsvFields | None:
        """The fields of a record; None if a quoted field is still open, BROKEN_FIELDS if quotes enclose no field."""
        self.stray = self.padded = False
        text = line[:-2] if line.endswith("\r\n") else line[:-1] if line.endswith(("\n", "\r")) else line
        delimiter, quote, escape = self.dialect.delimiter, self.dialect.quote, self.dialect.escape
        if not (quote and quote in text) and not (escape and escape in text):
            return [field or None for field in text.split(delimiter)]
        return self._split(text, line)

    def split_loosely(self, text: str) -> CsvFields:
        """The fields if a quote ends a field only before a delimiter or the end; empty if a field does not end."""
        fields: CsvFields = []
        text, at, quote = text.rstrip("\r\n"), 0, self.dialect.quote
        while True:
            if quote and text.startswith(quote, at):
                match = self._loose.match(text, at)
                if match is None:
                    return []
                fields.append(match[1])
                end = match.end()
            else:
                end = self._bare_end(text, at)
                fields.append(text[at:end] or None)
            if end == len(text):
                return fields
            at = end + 1

    def _split(self, text: str, line: str) -> CsvFields | None:
        fields: CsvFields = []
        at, odd, size, quote = 0, 0, len(text), self.dialect.quote
        while True:
            first = text[at : at + 1]
            match = self._quoted.match(text, at) if first == quote or first in _BLANKS else None
            if match:
                self.padded = self.padded or bool(match[1] or match[3])
                fields.append(self._unescape(match[2].replace(quote * 2, quote)))
                end = match.end()
            elif quote and first == quote:
                return None if self._open.match(line, at) else BROKEN_FIELDS
            else:
                end = self._bare_end(text, at)
                field = text[at:end]
                if quote and quote in field:
                    self.stray = True
                    odd += field.count(quote) % 2
                fields.append(self._bare_value(field) if self._bare else field or None)
            if end == size:
                # With two such quotes, the delimiters between them may belong to a field.
                return BROKEN_FIELDS if odd > 1 else fields
            at = end + 1

    def _bare_end(self, text: str, at: int) -> int:
        if self._bare and (found := self._bare.match(text, at)):
            return found.end()
        end = text.find(self.dialect.delimiter, at)
        return len(text) if end < 0 else end

    def _bare_value(self, field: str) -> str | None:
        """MySQL writes a missing value as an escaped N."""
        return None if field == f"{self.dialect.escape}N" else self._unescape(field) or None

    def _unescape(self, field: str) -> str:
        return self._escapes.sub(r"\1", field) if self._escapes else field
