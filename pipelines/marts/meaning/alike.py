"""Whether values may be compared, added or united: one unit, one frame of coordinates, one label of hours."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

from citylake.pipelines.marts.meaning.column_fact import Fact
from citylake.pipelines.marts.meaning.findings import Findings
from citylake.pipelines.marts.meaning.unit_readings import Unit

_CLOSE = ({"WGS-84", "CGCS2000"},)
"""Frames that differ by centimetres."""


class Likeness:
    """Adds a finding for values that are not alike. ``line`` is asked only then."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings

    def check(self, facts: Sequence[Fact], line: Callable[[], int], *, labels: bool) -> None:
        """Check every pair; ``labels``: also whether times name the start or the end of their hours."""
        for one, two in combinations([each for each in facts if each.constant is None], 2):
            if one.unit and two.unit and not one.unit.agrees(two.unit):
                self._units(one, two, one.unit, two.unit, line())
            if frames_differ(one, two):
                self.frames(one, two, line())
            if labels and one.label and two.label and one.label != two.label:
                self._labels(one, two, line())

    def frames(self, one: Fact, two: Fact, line: int) -> None:
        """Add the finding of two frames."""
        values = {"one": _name(one), "two": _name(two), "frame_one": one.frame, "frame_two": two.frame}
        self._findings.add(self._findings.fault("FRAMES_MIXED", line, **values))

    def _units(self, one: Fact, two: Fact, unit: Unit, other: Unit, line: int) -> None:
        values = {"one": _name(one), "two": _name(two), "unit_one": unit.text, "unit_two": other.text}
        suggestion = converted_form(_name(one), unit, other)
        self._findings.add(self._findings.fault("UNITS_MIXED", line, suggestion=suggestion, **values))

    def _labels(self, one: Fact, two: Fact, line: int) -> None:
        start, end = (one, two) if one.label == "start" else (two, one)
        values = {"start": _name(start), "end": _name(end), "right": f"{_name(end)} - INTERVAL 1 HOUR"}
        self._findings.add(self._findings.fault("HOUR_LABELS_MIXED", line, **values))


def frames_differ(one: Fact, two: Fact) -> bool:
    """Whether both have coordinates, in frames that lie hundreds of metres apart."""
    return bool(one.frame and two.frame and one.frame != two.frame and {one.frame, two.frame} not in _CLOSE)


def frame_pairs(facts: Sequence[Fact]) -> Iterator[tuple[Fact, Fact]]:
    """Yield the first pair with two frames."""
    yield from [pair for pair in combinations(facts, 2) if frames_differ(*pair)][:1]


def converted_form(column: str, unit: Unit, wanted: Unit) -> str:
    """Return the SQL that converts ``column``; empty if no factor does."""
    factor = unit.factor_to(wanted)
    if factor is None or unit.is_temperature or factor in (0, 1):
        return ""
    by = factor if factor >= 1 else 1 / factor
    # Exact in few digits, or not shown: 1 m/s is 3.6 km/h.
    if by.denominator not in (1, 2, 5, 10, 100, 1000, 20, 50):
        return ""
    text = f"{by.numerator}" if by.denominator == 1 else f"{float(by):g}"
    return f"{column} {'*' if factor >= 1 else '/'} {text}"


def _name(fact: Fact) -> str:
    return fact.name or "?"
