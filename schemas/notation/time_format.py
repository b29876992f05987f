"""Formats of times in contracts: the directives of strptime as polars reads them, and epochs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

EPOCH_TICKS = {"epoch_s": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1}
"""Microseconds in one tick of each epoch format."""
_COMPOSITES = {
    "F": "%Y-%m-%d",
    "T": "%H:%M:%S",
    "X": "%H:%M:%S",
    "R": "%H:%M",
    "D": "%m/%d/%y",
    "x": "%m/%d/%y",
    "r": "%I:%M:%S %p",
    "c": "%a %b %e %H:%M:%S %Y",
    "v": "%e-%b-%Y",
    "k": "%_H",
    "l": "%_I",
}
_DIRECTIVE = re.compile(r"%[-_0]?(:{1,3}z|#z|\.[369]?f|[369]f|.)?", re.DOTALL)
_OFFSETS = ("z", ":z", "::z", ":::z", "#z")


def split_formats(text: str) -> list[str]:
    """The alternatives of a binding's ``format``, which are separated by ``||``."""
    return [form.strip() for form in text.split("||")]


@cache
def expand_format(form: str) -> str:
    """``form`` with each composite directive as its single ones: ``%F %T`` is ``%Y-%m-%d %H:%M:%S``."""
    return _DIRECTIVE.sub(lambda found: _COMPOSITES.get(found[1] or "", found[0]), form)


def format_directives(form: str) -> list[str]:
    """The names of the directives in order, without ``%`` and padding; an incomplete ``%`` is an empty name."""
    return [found[1] or "" for found in _DIRECTIVE.finditer(expand_format(form))]


def format_tokens(form: str) -> Iterator[tuple[str, str]]:
    """Directives and the literals between them, in order: (``directive``, its name) or (``literal``, its text)."""
    form, end = expand_format(form), 0
    for found in _DIRECTIVE.finditer(form):
        if found.start() > end:
            yield "literal", form[end : found.start()]
        yield "directive", found[1] or ""
        end = found.end()
    if end < len(form):
        yield "literal", form[end:]


def has_offset(form: str) -> bool:
    """Whether the texts state their offset from UTC."""
    return any(name == "+" or name in _OFFSETS for name in format_directives(form))


def is_instant_format(form: str) -> bool:
    """Whether the texts are instants without a zone: epochs, and times with their offset."""
    return form in EPOCH_TICKS or has_offset(form)


def uses_zone(text: str) -> bool:
    """Whether any alternative of a binding's ``format`` is a local time, so that it needs a zone."""
    return not all(is_instant_format(form) for form in split_formats(text))


_PRECISIONS = (
    ("second", ("S", "s", "+", *EPOCH_TICKS)),
    ("minute", ("M",)),
    ("hour", ("H", "I")),
    ("day", ("d", "e", "j")),
    ("month", ("m", "b", "B", "h")),
)


def format_precision(form: str) -> str:
    """The precision of the texts of one format: ``year``, ``month``, ``day``, ``hour``, ``minute`` or ``second``."""
    names = {form} if form in EPOCH_TICKS else set(format_directives(form))
    return next((name for name, directives in _PRECISIONS if names.intersection(directives)), "year")
