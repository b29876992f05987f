"""Dialect D: the health notation of WS/T 303 (``AN..50``, ``N..10,2``, ``D8``, ``DT15``, ``T6``, ``T/F``)."""

from __future__ import annotations

import re

from schemas.notation import dialect_a
from schemas.notation.format import Format
from schemas.notation.pictures import read_picture

# DT15 counts the T between date and time, which the canonical picture leaves out.
_PICTURES = {"D8": "YYYYMMDD", "DT15": "YYYYMMDDhhmmss", "T6": "hhmmss"}
_CODES = {picture: code for code, picture in _PICTURES.items()}
_SHAPE = re.compile(r"(AN|A|N)[\d.].*", re.IGNORECASE)


def read(text: str) -> Format | None:
    """The format that ``text`` writes, or none where it is not of this dialect."""
    upper = text.upper()
    if upper in _PICTURES:
        return read_picture(_PICTURES[upper])
    if upper == "T/F":
        return Format("boolean")
    return dialect_a.read(text) if _SHAPE.fullmatch(text) and "(" not in text else None


def write(format: Format) -> str | None:  # noqa: A002 (the domain's word)
    """``format`` in this dialect, or none where it has no word for it."""
    match format.kind:
        case "boolean":
            return "T/F"
        case "binary":
            return None
        case "text" | "number":
            return (format.characters or "an").upper() + dialect_a.bounds(format)
        case _:
            return _CODES.get(format.picture or "")
