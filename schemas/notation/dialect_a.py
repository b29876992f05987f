"""Dialect A: the e-government notation of GB/T 39046 table 3 (``an..18``, ``n..17,2``, ``YYYYMMDD``)."""

from __future__ import annotations

import re
from typing import cast

from citylake.schemas.notation.date_picture import read_picture
from citylake.schemas.notation.value_format import CharacterClass, ValueFormat

_CLASS = r"(?P<characters>an|a|n)?"
_FIXED = r"(?P<exact>\d+)(?:,(?P<exact_scale>\d+))?(?:\((?P<picture>[an]+)\))?"
_RANGE = r"(?P<low>\d+)?\.\.(?:(?P<high>\d+)(?:,(?P<scale>\d+))?|(?P<open>ul))"
_SHAPE = re.compile(f"{_CLASS}(?:{_FIXED}|{_RANGE})", re.IGNORECASE)


def read_dialect_a(text: str) -> ValueFormat | None:
    """The format that ``text`` writes, or none where it is not of this dialect."""
    match = _SHAPE.fullmatch(text)
    if match is None:
        return read_picture(text)
    parts = match.groupdict()
    characters = cast("CharacterClass | None", parts["characters"].lower() if parts["characters"] else None)
    exact, scale = parts["exact"], parts["exact_scale"] or parts["scale"]
    low = int(exact or parts["low"] or 0)
    high = None if parts["open"] else int(exact or parts["high"])
    layout = parts["picture"].lower() if parts["picture"] else None
    return _valid_format(characters, low, high, None if scale is None else int(scale), layout)


def _valid_format(
    characters: CharacterClass | None, low: int, high: int | None, scale: int | None, layout: str | None
) -> ValueFormat | None:
    if high is not None and (high < low or high == 0):
        return None
    if layout is not None and (len(layout) != high or scale is not None or not _layout_fits(layout, characters)):
        return None
    if scale is None:
        return ValueFormat("text", characters, low, high, picture=layout)
    if characters not in ("n", None) or high is None or scale > high:
        return None
    return ValueFormat("number", "n", low, high, scale)


def _layout_fits(layout: str, characters: CharacterClass | None) -> bool:
    return characters in ("an", None) or set(layout) == {characters}


def write_dialect_a(format: ValueFormat) -> str | None:  # noqa: A002 (the domain's word)
    """``format`` in this dialect, or none where it has no word for it."""
    match format.kind:
        case "boolean":
            return "n1"
        case "binary":
            return "..ul"
        case "text" | "number":
            return (format.characters or "") + format_bounds(format) + (f"({format.picture})" if format.picture else "")
        case _:
            return format.picture


def format_bounds(format: ValueFormat) -> str:  # noqa: A002 (the domain's word)
    """The part after the class, which dialects A and B share: ``6``, ``3..8``, ``..17,2``, ``..ul``."""
    scale = "" if format.scale is None or format.max_length is None else f",{format.scale}"
    if format.fixed:
        return f"{format.max_length}{scale}"
    low = str(format.min_length) if format.min_length else ""
    return f"{low}..{'ul' if format.max_length is None else format.max_length}{scale}"
