"""Delimited text, and the names of encodings."""

from __future__ import annotations

import codecs
import re
from operator import not_
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from citylake.schemas.model.formats.format_base import SourceFormat

WHITESPACE = "whitespace"
"""The delimiter of columns that are separated by runs of blanks and tabs."""
_ESCAPED = re.compile(r"\\(t|x[0-9A-Fa-f]{2})")


def _check_encoding(encoding: str) -> str:
    try:
        # Python also has codecs that are no encodings of text (hex, zlib).
        b"".decode(encoding)
    except (LookupError, UnicodeError):
        raise ValueError(f"there is no encoding {encoding!r}") from None
    return encoding


Encoding = Annotated[str, AfterValidator(_check_encoding)]
"""A name that Python knows: ``utf-8``, ``gb18030``, ``utf-16``, ``big5``."""


def _check_delimiter(delimiter: str) -> str:
    if delimiter == WHITESPACE:
        return delimiter
    text = _ESCAPED.sub(lambda found: codecs.decode(found[0], "unicode_escape"), delimiter)
    if any(char.isalnum() or char in '"\r\n' for char in text):
        raise ValueError(f'no delimiter: {delimiter!r}; write the signs themselves, "\\t" for a tab, or {WHITESPACE}')
    return text


Delimiter = Annotated[str, Field(min_length=1, max_length=10), AfterValidator(_check_delimiter)]
"""One or several signs (``;``, ``||``, ``"\\x01"``), or ``whitespace`` for runs of blanks."""


class CsvFormat(SourceFormat):
    """Delimited text. ``encoding`` and ``delimiter`` are detected where they are not given.

    ``title_rows`` lines above the header and ``skip_after_header`` lines below it (units, types) are skipped and kept
    in the parse report; so are lines that begin with ``comment``, also above the header, and a row of HXL tags below
    it. A row whose first field matches ``footer`` (a regular expression) ends the table. An empty field is null unless
    it is quoted; a header cell without a name becomes ``column_N``, or is dropped where its column is last and empty.
    """

    type: Literal["csv"] = "csv"
    encoding: Encoding | None = None
    delimiter: Delimiter | None = None
    quote: str = Field('"', pattern=r"^[\x00-\x7f]?$")
    """Empty where the file has no quoting."""
    escape: str | None = Field(None, pattern=r"^[\x00-\x7f]?$", exclude_if=lambda sign: sign is None)
    """The character that makes a quote, a delimiter or itself part of a field: a backslash, as MySQL writes it.

    With it, a field of the escaped letter N has no value. Not given: a backslash, if records are broken without it and
    none contradicts it, with a notice. Empty: none.
    """
    title_rows: int = Field(0, ge=0)
    skip_after_header: int = Field(0, ge=0, exclude_if=not_)
    header: Literal[True] | tuple[str, ...] | None = None
    """Column names for a file that has no header row; ``true``: the first row is the header, whatever it looks like."""
    duplicate_columns: Literal["error", "same", "rename"] = "error"
    """``same``: a column that is repeated under its name is dropped, if every row repeats the value too; ``rename``:
    the second column ``name`` becomes ``name_2``.
    """
    footer: str | None = None
    comment: str | None = Field(None, min_length=1)
    bad_rows: Literal["quarantine", "hold"] = Field("quarantine", exclude_if=lambda value: value == "quarantine")
    """``quarantine``: a record that cannot be split or decoded is refused alone. ``hold``: it holds the file."""
    max_field_bytes: int = Field(16_000_000, gt=0)
    """A longer field, or line, is refused before it is in memory."""

    @model_validator(mode="after")
    def _check_characters(self) -> Self:
        if self.escape and self.escape in (self.quote, self.delimiter):
            raise ValueError("escape must differ from quote and delimiter")
        return self

    @model_validator(mode="after")
    def _titles_count_all(self) -> Self:
        if self.names and self.skip_after_header:
            raise ValueError("header gives the names, so title_rows counts every line above the data")
        return self

    @property
    def names(self) -> tuple[str, ...] | None:
        """The declared column names."""
        return self.header if isinstance(self.header, tuple) else None
