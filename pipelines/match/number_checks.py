"""Whether a field's values may be a quantity: numbers, in range, also in a unit that is a power of ten away."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from citylake.pipelines.match.value_findings import (
    ValueFindings,
    percent,
    rules_out,
    speaks_against,
    speaks_for,
)
from citylake.pipelines.match.value_profile import ValueProfile
from citylake.schemas.model.element import DataElement

_MOST = 0.9
_POWERS = (1e-6, 1e-4, 1e-3, 1e-2, 1e2, 1e3, 1e4, 1e6)
"""Factors between units that sources use for one quantity: g and mg, m and km, yuan and 10,000 yuan."""
_CLOCK_UNITS = frozenset(("s", "min", "h"))
"""Units of a time since midnight, which a source may write as 25:10:00."""
_IDENTIFIER_DIGITS, _FEW = 6, 5
_ONE_SIZE = frozenset(("deg", "Cel", "%", "1", "h", "min", "d", "a"))
"""Units that sources do not write a power of ten larger or smaller."""
_WIDE = 1e4
"""A range wider than this tells nothing."""


def check_numbers(element: DataElement, profile: ValueProfile) -> ValueFindings:
    """Evidence for and against a decimal or an integer."""
    if element.unit in _CLOCK_UNITS and profile.clock_share >= _MOST:
        return speaks_for("clock_times", 0.25)
    if profile.number_share < _MOST:
        return rules_out("no_numbers", share=percent(profile.number_share))
    if profile.padded_share >= 0.2:
        return rules_out("padded_digits", share=percent(profile.padded_share))
    if element.type == "integer" and profile.whole_share < 0.8:
        return rules_out("no_whole_numbers", share=percent(profile.whole_share))
    return _check_range(element, profile)


def _check_range(element: DataElement, profile: ValueProfile) -> ValueFindings:
    least, most = element.range or (None, None)
    inside = _inside(profile.numbers, least, most, 1.0)
    if inside >= _MOST:
        if _looks_like_identifiers(profile):
            return speaks_against("like_identifiers", 0.4)
        narrow = least is not None and most is not None and most - least <= _WIDE
        return speaks_for("in_range", 0.3 if narrow else 0.2, least=min(profile.numbers), most=max(profile.numbers))
    scaled = element.unit and element.unit not in _ONE_SIZE and not element.unit.startswith("{")
    if scaled and any(_inside(profile.numbers, least, most, power) >= _MOST for power in _POWERS):
        return speaks_against("other_unit", 0.2, share=percent(inside), median=median(profile.numbers))
    return rules_out("out_of_range", share=percent(inside), median=median(profile.numbers))


def _inside(numbers: Sequence[float], least: float | None, most: float | None, factor: float) -> float:
    good = (
        each
        for each in numbers
        if (least is None or each * factor >= least) and (most is None or each * factor <= most)
    )
    return sum(1 for _ in good) / max(len(numbers), 1)


def _looks_like_identifiers(profile: ValueProfile) -> bool:
    """Whole numbers of one length, all of many digits."""
    lengths = set(profile.lengths)
    one_length = len(lengths) == 1 and min(lengths) >= _IDENTIFIER_DIGITS
    return one_length and profile.whole_share == 1.0 and len(profile.values) > _FEW
