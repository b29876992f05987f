"""表示格式: four notations of standards for the format of a value, and their canonical form; no value is checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from citylake.schemas.notation import dialect_a, dialect_b, dialect_c, dialect_d
from citylake.schemas.notation.value_format import NotationDialect, ValueFormat
from citylake.schemas.words.errors import CitylakeError

__all__ = ["NotationDialect", "ValueFormat", "parse_format", "write_format"]

_READ: Mapping[NotationDialect, Callable[[str], ValueFormat | None]] = {
    "A": dialect_a.read_dialect_a,
    "B": dialect_b.read_dialect_b,
    "C": dialect_c.read_dialect_c,
    "D": dialect_d.read_dialect_d,
}
_WRITE: Mapping[NotationDialect, Callable[[ValueFormat], str | None]] = {
    "A": dialect_a.write_dialect_a,
    "B": dialect_b.write_dialect_b,
    "C": dialect_c.write_dialect_c,
    "D": dialect_d.write_dialect_d,
}


def parse_format(text: str, dialect: NotationDialect = "A") -> ValueFormat:
    """The canonical form of ``text``; raises FORMAT_UNREADABLE if it is not valid in ``dialect``."""
    found = _READ[dialect](text.strip())
    if found is None:
        raise CitylakeError("FORMAT_UNREADABLE", format=text, dialect=dialect)
    return found


def write_format(format: ValueFormat, dialect: NotationDialect = "A") -> str:  # noqa: A002 (the domain's word)
    """``format`` in the notation of ``dialect``; what it cannot distinguish is lost (``n6`` becomes ``c6`` in B).

    Raises FORMAT_NOT_IN_DIALECT if the dialect cannot express the format at all.
    """
    text = _WRITE[dialect](format)
    if text is None:
        raise CitylakeError("FORMAT_NOT_IN_DIALECT", format=repr(format), dialect=dialect)
    return text
