"""Dialect D: the health notation of WS/T 303 (``AN..50``, ``N..10,2``, ``D8``, ``DT15``, ``T6``, ``T/F``)."""

from __future__ import annotations

import re

from citylake.schemas.notation import dialect_a
from citylake.schemas.notation.date_picture import read_picture
from citylake.schemas.notation.value_format import ValueFormat

# DT15 counts the T between date and time, which the canonical picture leaves out.
_PICTURES = {"D8": "YYYYMMDD", "DT15": "YYYYMMDDhhmmss", "T6": "hhmmss"}
_CODES = {picture: code for code, picture in _PICTURES.items()}
_SHAPE = re.compile(r"(AN|A|N)[\d.].*", re.IGNORECASE)


def read_dialect_d(text: str) -> ValueFormat | None:
    """The format that ``text`` writes, or none where it is not of this dialect."""
    upper = text.upper()
    if upper in _PICTURES:
        return read_picture(_PICTURES[upper])
    if upper == "T/F":
        return ValueFormat("boolean")
    return dialect_a.read_dialect_a(text) if _SHAPE.fullmatch(text) and "(" not in text else None


def write_dialect_d(format: ValueFormat) -> str | None:  # noqa: A002 (the domain's word)
    """``format`` in this dialect, or none where it has no word for it."""
    match format.kind:
        case "boolean":
            return "T/F"
        case "binary":
            return None
        case "text" | "number":
            return (format.characters or "an").upper() + dialect_a.format_bounds(format)
        case _:
            return _CODES.get(format.picture or "")
