"""Geometry of the bar charts of a page, in user units of the SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BarSegment:
    """One segment of a stacked bar."""

    kind: str
    x: float
    width: float
    value: float


def stack_segments(parts: Sequence[tuple[str, float]], width: float, least: float = 4.0) -> list[BarSegment]:
    """Return one segment per part greater than zero, in proportion, but none narrower than ``least``.

    The minimum makes three rows in a million visible; the wider segments shrink in proportion. The widths add up to
    ``width``.
    """
    present = [(kind, value) for kind, value in parts if value > 0]
    if not present:
        return []
    widths = _widths([value for _, value in present], width, min(least, width / len(present)))
    segments, x = [], 0.0
    for (kind, value), wide in zip(present, widths, strict=True):
        segments.append(BarSegment(kind, round(x, 2), round(wide, 2), value))
        x += wide
    return segments


def _widths(values: Sequence[float], width: float, least: float) -> list[float]:
    narrow: set[int] = set()
    while True:
        room = width - least * len(narrow)
        rest = math.fsum(value for place, value in enumerate(values) if place not in narrow)
        found = [least if place in narrow else room * (value / rest) for place, value in enumerate(values)]
        more = {place for place, wide in enumerate(found) if wide < least}
        if not more - narrow:
            return found
        narrow |= more


def log_bar_length(value: float, most: float, width: float, least: float = 24.0) -> float:
    """Return a bar's length on a logarithmic scale, so that 100 and 10,000,000 rows fit one chart. Zero gives 0."""
    if value <= 0 or most <= 0:
        return 0.0
    return round(least + (width - least) * math.log1p(value) / math.log1p(most), 2)
