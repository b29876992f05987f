"""Dialect C: GB/T 18142 as applied (``C6``, ``C..50``, ``I..10``, ``D11.2``: the width counts the point too)."""

from __future__ import annotations

import re

from citylake.schemas.notation.value_format import ValueFormat

_TEXT = re.compile(r"C(?P<range>\.\.)?(?P<length>\d+)?", re.IGNORECASE)
_INTEGER = re.compile(r"I(?P<range>\.\.)?(?P<digits>\d+)", re.IGNORECASE)
_DECIMAL = re.compile(r"D(?P<width>\d+)\.(?P<scale>\d+)", re.IGNORECASE)


def read_dialect_c(text: str) -> ValueFormat | None:
    """The format that ``text`` writes, or none where it is not of this dialect."""
    if match := _TEXT.fullmatch(text):
        return _text(bool(match["range"]), match["length"])
    if match := _INTEGER.fullmatch(text):
        return _number(0 if match["range"] else int(match["digits"]), int(match["digits"]), 0)
    if match := _DECIMAL.fullmatch(text):
        scale = int(match["scale"])
        return _number(0, int(match["width"]) - (1 if scale else 0), scale)
    return None


def _text(ranged: bool, length: str | None) -> ValueFormat | None:
    if length is None:
        return None if ranged else ValueFormat("text")
    high = int(length)
    return ValueFormat("text", None, 0 if ranged else high, high) if high else None


def _number(low: int, digits: int, scale: int) -> ValueFormat | None:
    return ValueFormat("number", "n", low, digits, scale) if digits > 0 and scale <= digits else None


def write_dialect_c(format: ValueFormat) -> str | None:  # noqa: A002 (the domain's word)
    """``format`` in this dialect, or none where it has no word for it."""
    match format.kind:
        case "boolean":
            return "C1"
        case "binary":
            return None
        case "number":
            return _write_number(format)
        case _:
            return _write_text(format)


def _write_text(format: ValueFormat) -> str:  # noqa: A002 (the domain's word)
    if format.max_length is None:
        return "C"
    return f"C{format.max_length}" if format.fixed else f"C..{format.max_length}"


def _write_number(format: ValueFormat) -> str | None:  # noqa: A002 (the domain's word)
    if format.max_length is None:
        return None
    if not format.scale:
        return f"I{format.max_length}" if format.fixed else f"I..{format.max_length}"
    return f"D{format.max_length + 1}.{format.scale}"
