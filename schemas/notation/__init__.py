"""表示格式: how standards write the shape of a value, in four dialects, and the one canonical form behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from schemas.faults import CitylakeError
from schemas.notation import dialect_a, dialect_b, dialect_c, dialect_d
from schemas.notation.format import Dialect, Format

__all__ = ["Dialect", "Format", "parse", "write"]

_READ: Mapping[Dialect, Callable[[str], Format | None]] = {
    "A": dialect_a.read,
    "B": dialect_b.read,
    "C": dialect_c.read,
    "D": dialect_d.read,
}
_WRITE: Mapping[Dialect, Callable[[Format], str | None]] = {
    "A": dialect_a.write,
    "B": dialect_b.write,
    "C": dialect_c.write,
    "D": dialect_d.write,
}


def parse(text: str, dialect: Dialect = "A") -> Format:
    """The canonical form of ``text``; raises FORMAT_UNREADABLE where ``dialect`` cannot say that."""
    found = _READ[dialect](text.strip())
    if found is None:
        raise CitylakeError("FORMAT_UNREADABLE", format=text, dialect=dialect)
    return found


def write(format: Format, dialect: Dialect = "A") -> str:  # noqa: A002 (the domain's word)
    """``format`` in the words of ``dialect``; what it cannot tell apart is lost (``n6`` becomes ``c6`` in B).

    Raises FORMAT_NOT_IN_DIALECT where it has no word for it at all.
    """
    text = _WRITE[dialect](format)
    if text is None:
        raise CitylakeError("FORMAT_NOT_IN_DIALECT", format=repr(format), dialect=dialect)
    return text
