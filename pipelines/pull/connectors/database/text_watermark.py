"""Whether the texts of an incremental column sort as the times or numbers that they write."""

from __future__ import annotations

import re

from citylake.pipelines.pull.connectors.database.database_session import DatabaseValue, database_source_label
from citylake.pipelines.pull.connectors.database.database_source import DatabaseSource
from citylake.schemas.words.errors import CitylakeError

_TEXT_KINDS = ("str", "text", "varchar", "character varying", "bpchar", "character", "char", "name", "citext")
_YEAR_FIRST = re.compile(r"(1[89]|2\d)\d\d([-/.年]?)(0[1-9]|1[0-2])(\2|月)?((0[1-9]|[12]\d|3[01])(?!\d[-/.])|$)")
"""A date whose parts have a fixed width, the year first: its texts sort as its days."""
_DATE = re.compile(r"\d{1,4}\s*[-/.年 ]\s*(\d{1,2}|[A-Za-z]{3,9})\s*[-/.月, ]\s*\d{1,4}|[A-Za-z]{3,9}\.? \d{1,2},? ")
_NUMBER = re.compile(r"[+-]?[1-9]\d*([.,]\d+)?")
"""Numbers of no fixed width: with zeros in front, texts sort as the numbers."""


def check_watermark(source: DatabaseSource, column: str, highest: DatabaseValue) -> None:
    """Raise DATABASE_TEXT_WATERMARK if ``highest`` is a text whose order is not that of times or numbers.

    ``31/12/2023`` sorts after ``01/03/2024``, and ``9`` after ``10``: new rows would never be read.
    """
    if highest.kind.lower().partition("(")[0].strip() not in _TEXT_KINDS or not _misorders(highest.text.strip()):
        return
    shown = {"source": database_source_label(source), "column": column, "value": highest.text}
    raise CitylakeError("DATABASE_TEXT_WATERMARK", **shown)


def _misorders(text: str) -> bool:
    if _YEAR_FIRST.match(text):
        return False
    return bool(_DATE.match(text) or _NUMBER.fullmatch(text))
