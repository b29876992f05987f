"""Dialect B: the public-security notation of GA/T 542 (``c..50``, ``n..8,2``, ``d8``, ``t6``, ``bl``, ``bn JPEG``)."""

from __future__ import annotations

import re

from citylake.schemas.notation import dialect_a
from citylake.schemas.notation.date_picture import read_picture
from citylake.schemas.notation.value_format import ValueFormat

_PICTURES = {
    "d4": "YYYY", "d6": "YYYYMM", "d8": "YYYYMMDD", "d10": "YYYYMMDDhh", "d12": "YYYYMMDDhhmm",
    "d14": "YYYYMMDDhhmmss", "t2": "hh", "t4": "hhmm", "t6": "hhmmss",
}  # fmt: skip
_CODES = {picture: code for code, picture in _PICTURES.items()}
_BINARY = re.compile(r"bn(?:\s+(?P<medium>\S+))?", re.IGNORECASE)
_PREFIXED = re.compile(r"(?P<prefix>[cn])(?P<bounds>[\d.].*)", re.IGNORECASE)


def read_dialect_b(text: str) -> ValueFormat | None:
    """The format that ``text`` writes, or none where it is not of this dialect."""
    lowered = text.lower()
    if lowered in _PICTURES:
        return read_picture(_PICTURES[lowered])
    if lowered == "bl":
        return ValueFormat("boolean")
    if binary := _BINARY.fullmatch(text):
        return ValueFormat("binary", picture=binary["medium"])
    match = _PREFIXED.fullmatch(lowered)
    return _read_bounds(match["prefix"], match["bounds"]) if match else None


def _read_bounds(prefix: str, bounds: str) -> ValueFormat | None:
    # Here the prefix is a type: n6 is a number, where dialect A's n6 is six digits of any type.
    if "(" in bounds:
        return None
    found = dialect_a.read_dialect_a(("n" if prefix == "n" else "") + bounds)
    if found is None or (prefix == "c" and found.kind == "number"):
        return None
    if prefix == "c":
        return found
    return ValueFormat("number", "n", found.min_length, found.max_length, found.scale or 0)


def write_dialect_b(format: ValueFormat) -> str | None:  # noqa: A002 (the domain's word)
    """``format`` in this dialect, or none where it has no word for it."""
    match format.kind:
        case "boolean":
            return "bl"
        case "binary":
            return f"bn {format.picture}" if format.picture else "bn"
        case "text":
            return "c" + dialect_a.format_bounds(format)
        case "number":
            return "n" + dialect_a.format_bounds(format).removesuffix(",0")
        case _:
            return _CODES.get(format.picture or "")
