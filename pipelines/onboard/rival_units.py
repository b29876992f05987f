"""Units that sources confuse, and the one that the range of an element leaves."""

from __future__ import annotations

from collections.abc import Sequence

from citylake.pipelines.onboard.number_draft import read_sample_numbers
from citylake.schemas.model.element import DataElement
from citylake.schemas.units import unit_conversion
from citylake.schemas.units.ucum import UcumError
from citylake.schemas.words.errors import CitylakeError

_RIVALS = (("ug/m3", "mg/m3"), ("m", "km", "cm", "mm"), ("hPa", "kPa", "Pa"), ("g", "kg", "t"), ("m/s", "km/h"))
_WITHIN, _OUTSIDE = 0.98, 0.5
FEW_NUMBERS = 8
"""Numbers that prove something by their magnitude, at least."""


def rival_units(unit: str) -> tuple[str, ...]:
    """``unit`` and the units of the same quantity that it is confused with."""
    return next((each for each in _RIVALS if unit in each), (unit,))


def sample_numbers(element: DataElement, values: Sequence[str]) -> list[float]:
    """The numbers of ``values``, without what is none."""
    return [number for number in read_sample_numbers(element, values) if number is not None]


def conversion_factor(unit: str, own: str) -> float | None:
    """How many ``own`` one ``unit`` is; None if they cannot be converted, or not by a factor alone."""
    try:
        conversion = unit_conversion(unit, own)
    except (CitylakeError, UcumError, ValueError):
        return None
    return float(conversion.factor) if not conversion.offset else None


def unit_by_range(element: DataElement, values: Sequence[str]) -> str | None:
    """The one unit in which nearly all values are in the element's range, if most are outside in every other."""
    numbers = sample_numbers(element, values)
    if element.unit is None or element.range is None or None in element.range or len(numbers) < FEW_NUMBERS:
        return None
    shares = {unit: _share_within(element, numbers, unit) for unit in rival_units(element.unit)}
    best = [unit for unit, share in shares.items() if share >= _WITHIN]
    others = [share for unit, share in shares.items() if unit not in best]
    return best[0] if others and len(best) == 1 and max(others) <= _OUTSIDE else None


def _share_within(element: DataElement, numbers: Sequence[float], unit: str) -> float:
    factor = conversion_factor(unit, element.unit or unit)
    low, high = element.range or (None, None)
    if factor is None or low is None or high is None:
        return 0.0
    return sum(low <= number * factor <= high for number in numbers) / len(numbers)
