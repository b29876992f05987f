"""Delimited text, and the names of encodings."""

from __future__ import annotations

import codecs
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from citylake.schemas.model.formats.format_base import SourceFormat


def _check_encoding(encoding: str) -> str:
    try:
        codecs.lookup(encoding)
    except LookupError:
        raise ValueError(f"there is no encoding {encoding!r}") from None
    return encoding


Encoding = Annotated[str, AfterValidator(_check_encoding)]
"""A name that Python knows: ``utf-8``, ``gb18030``, ``utf-16``, ``big5``."""


class CsvFormat(SourceFormat):
    """Delimited text. ``encoding`` and ``delimiter`` are detected where they are not given.

    ``title_rows`` lines above the header are skipped and kept in the parse report; a row whose first
    field matches ``footer`` (a regular expression) ends the table. An empty field is null unless it is
    quoted; a header cell without a name becomes ``column_N``, or is dropped where its column is last and empty.
    """

    type: Literal["csv"] = "csv"
    encoding: Encoding | None = None
    delimiter: str | None = Field(None, pattern=r"^[\x00-\x7f]$")
    quote: str = Field('"', pattern=r"^[\x00-\x7f]?$")
    """Empty where the file has no quoting."""
    escape: str | None = Field(None, pattern=r"^[\x00-\x7f]?$")
    """The character that makes a quote, a delimiter or itself part of a field: a backslash, as MySQL writes it.

    With it, a field of the escaped letter N has no value. Not given: a backslash, if records are broken without it and
    none contradicts it, with a notice. Empty: none.
    """
    title_rows: int = 0
    header: tuple[str, ...] | None = None
    """Column names for a file that has no header row."""
    duplicate_columns: Literal["error", "same"] = "error"
    """``same``: a column that is repeated under its name is dropped, if every row repeats the value too."""
    footer: str | None = None
    comment: str | None = None
    bad_rows: Literal["quarantine", "hold"] = "quarantine"
    """``quarantine``: a record that cannot be split or decoded is refused alone. ``hold``: it holds the file."""
    max_field_bytes: int = Field(16_000_000, gt=0)
    """A longer field, or line, is refused before it is in memory."""

    @model_validator(mode="after")
    def _check_characters(self) -> Self:
        if self.escape and self.escape in (self.quote, self.delimiter):
            raise ValueError("escape must differ from quote and delimiter")
        return self
