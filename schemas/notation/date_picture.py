"""Date and time pictures: any unbroken part of ``YYYYMMDDhhmmss``."""

from __future__ import annotations

import re

from citylake.schemas.notation.value_format import ValueFormat, ValueKind

_PICTURE = re.compile(r"(YYYY|YY)?(MM)?(DD)?(hh)?(mm)?(ss)?")
_DATE_PARTS = 3


def read_picture(text: str) -> ValueFormat | None:
    """The format of a picture, or none if ``text`` is no picture or has a gap (``YYYYmm``)."""
    match = _PICTURE.fullmatch(text)
    if match is None or not text:
        return None
    present = [part is not None for part in match.groups()]
    first, last = present.index(True), len(present) - 1 - present[::-1].index(True)
    if not all(present[first : last + 1]):
        return None
    return build_picture(text, _kind(first, last))


def build_picture(text: str, kind: ValueKind) -> ValueFormat:
    """A date or time of fixed length in ``text``'s layout."""
    return ValueFormat(kind, "n", len(text), len(text), picture=text)


def _kind(first: int, last: int) -> ValueKind:
    if last < _DATE_PARTS:
        return "date"
    return "time" if first >= _DATE_PARTS else "datetime"
