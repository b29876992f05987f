"""Faults of a time format that would give wrong values, no values or an error of the engine."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from citylake.schemas.notation.foreign_time_format import is_foreign_format, translate_foreign_format
from citylake.schemas.notation.time_format import EPOCH_TICKS, expand_format, format_directives

_YEAR, _MONTH, _DAY, _HOUR, _MINUTE, _SECOND = ("%Y", "%m", "%d", "%H", "%M", "%S")
_PARTS = {
    **dict.fromkeys(("Y", "y", "G", "g"), (_YEAR,)),
    **dict.fromkeys(("m", "b", "B", "h", "U", "V", "W"), (_MONTH,)),
    **dict.fromkeys(("d", "e", "u", "w"), (_DAY,)),
    **dict.fromkeys(("H", "I"), (_HOUR,)),
    **dict.fromkeys(("z", ":z", "::z", ":::z", "#z"), ("%z",)),
    **dict.fromkeys((".f", ".3f", ".6f", ".9f", "3f", "6f", "9f"), ("%.f",)),
    **dict.fromkeys(("p", "P"), ("%p",)),
    **dict.fromkeys(("a", "A", "C", "n", "t", "%"), ()),
    "j": (_MONTH, _DAY),
    "M": (_MINUTE,),
    "S": (_SECOND,),
    "+": (_YEAR, _MONTH, _DAY, _HOUR, _MINUTE, _SECOND, "%.f", "%z"),
}
"""The parts of a time that each directive gives."""
_COARSE_FIRST = {
    "date": (_YEAR, _MONTH, _DAY, _HOUR, _MINUTE, _SECOND),
    "datetime": (_YEAR, _MONTH, _DAY, _HOUR, _MINUTE, _SECOND),
    "time": (_HOUR, _MINUTE, _SECOND),
}
_EXAMPLES = {"date": "%Y-%m-%d", "datetime": "%Y-%m-%d %H:%M:%S", "time": "%H:%M:%S"}
FormatFault = tuple[str, dict[str, str]]


def find_order_rival(forms: Sequence[str]) -> tuple[str, str] | None:
    """Two formats that differ only in the order of day and month: a text such as 03/04/2024 fits both."""
    known: dict[str, str] = {}
    for form in forms:
        earlier = known.setdefault(re.sub(r"%[-_]?[dem]", "%?", expand_format(form)), form)
        if earlier != form:
            return earlier, form
    return None


def time_format_fault(form: str, kind: str) -> FormatFault | None:
    """The first fault of ``form`` for an element of type ``kind`` (date, datetime or time): issue code and values."""
    if form in EPOCH_TICKS and kind != "time":
        return None
    if is_foreign_format(form):
        return "TIME_FORMAT_FOREIGN", {"suggestion": translate_foreign_format(form) or _EXAMPLES[kind]}
    return next(_directive_faults(form, kind), None)


def _directive_faults(form: str, kind: str) -> Iterator[FormatFault]:
    names = format_directives(form)
    for name in names:
        if name not in _PARTS:
            yield "TIME_DIRECTIVE_UNSUPPORTED", {"directive": f"%{name}", "suggestion": _instead_of(form, name, kind)}
    yield from _twice(form, kind, [part for name in names for part in _PARTS.get(name, ())])
    yield from _missing(form, kind, {part for name in names for part in _PARTS.get(name, ())}, names)


def _instead_of(form: str, name: str, kind: str) -> str:
    match name:
        case "s":
            return "epoch_s"
        case "f" | "L" | "N":
            return re.sub(rf"[.]?%{name}", "%.f", form)
        case "Z":
            return form.replace("%Z", "%z")
    return _EXAMPLES[kind]


def _twice(form: str, kind: str, parts: list[str]) -> Iterator[FormatFault]:
    for part, count in Counter(parts).items():
        if count > 1:
            # Months and minutes are the pair that is most often confused.
            fixed = re.sub(r"(%[HI]\W?)%m", r"\1%M", form) if part == _MONTH else form
            fixed = re.sub(r"(%[Yy]\W?)%M", r"\1%m", fixed) if part == _MINUTE else fixed
            yield "TIME_DIRECTIVE_TWICE", {"directive": part, "suggestion": _EXAMPLES[kind] if fixed == form else fixed}


def _missing(form: str, kind: str, parts: set[str], names: list[str]) -> Iterator[FormatFault]:
    order = _COARSE_FIRST[kind]
    finest = max((order.index(part) for part in parts if part in order), default=0)
    for part in order[: finest + 1]:
        if part not in parts:
            yield "TIME_DIRECTIVE_MISSING", {"directive": part, "suggestion": _EXAMPLES[kind]}
    if "I" in names and "%p" not in parts:
        yield "TIME_DIRECTIVE_MISSING", {"directive": "%p", "suggestion": f"{form} %p"}
    if "%p" in parts and "H" in names:
        suggestion = re.sub(r"%([-_0]?)H", r"%\1I", form)
        yield "TIME_DIRECTIVE_MISSING", {"directive": "%I", "suggestion": suggestion}
