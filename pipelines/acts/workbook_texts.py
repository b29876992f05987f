"""Texts as a workbook can hold them."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

import polars as pl  # noqa: TC002 (the rows are frames)

from citylake.pipelines.read.spreadsheet_csv import disarm_formula

CELL_CHARS: Final = 32_000
"""The format allows 32,767 characters in a cell."""
_NAME_CHARS: Final = 31
_NO_XML: Final = "[\x00-\x1f\x7f\ufffe\uffff]"
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")
_NOT_IN_FILE_NAMES = re.compile(r'[\x00-\x1f<>:"/\\|?*]')


def cell_text(text: str) -> str:
    """Return the text for a cell: no formula, also not after the sheet was saved as CSV, and not too long."""
    if text[:1].isalnum() and text.isprintable() and ";" not in text and len(text) <= CELL_CHARS:
        # Nearly every text: what follows takes ten times as long.
        return text
    return str(disarm_formula(_NOT_IN_XML.sub("", text)[:CELL_CHARS]))


def shown_text(text: pl.Expr) -> pl.Expr:
    """Return what is left of a text in a cell, to compare it with what a file has: no value and no text are the same.

    A longer text is compared by its begin; invisible characters and spaces at its ends are not compared.
    """
    plain = text.fill_null("").str.replace_all(_NO_XML, "").str.slice(0, CELL_CHARS - _NAME_CHARS)
    return plain.str.strip_chars()


def sheet_name(dataset: str, taken: Collection[str]) -> str:
    """Return a name for a dataset's next sheet; ``taken``: the names of the others, in lower case."""
    plain = _NOT_IN_NAMES.sub("_", dataset)
    names = (plain[: _NAME_CHARS - len(end)] + end for end in ("", *(f" ({number})" for number in range(2, 10_000))))
    return next(name for name in names if name.lower() not in taken)


def file_name(department: str) -> str:
    """Return a department's name as the name of a file, without its ending."""
    return _NOT_IN_FILE_NAMES.sub("_", department).strip(" .") or "_"
