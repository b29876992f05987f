"""The conversion of a source's unit to the element's, and of a gas to the element's reference state."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from citylake.pipelines.conform.bind.bound_column import BoundColumn
from citylake.schemas.units import UnitConversion, is_mass_concentration, reference_state_ratio, unit_conversion

UNCHANGED = UnitConversion(1.0, 0.0, Fraction(1))


def element_conversion(bound: BoundColumn, unit: str | None) -> UnitConversion:
    """From ``unit`` (by default the element's) to the element's; raises UNIT_UNKNOWN and UNIT_INCOMPATIBLE."""
    target, own, stated = bound.element.unit, bound.element.gas, bound.binding.gas
    if target is None:
        return UNCHANGED
    by = unit_conversion(unit, target, bound.gas) if unit else UNCHANGED
    if own and own.complete and stated and is_mass_concentration(unit or target):
        return scale_conversion(by, reference_state_ratio(stated.complete_with(own), own))
    return by


def scale_conversion(by: UnitConversion, factor: float | Fraction) -> UnitConversion:
    """``by`` for numbers that stand for ``factor`` times themselves: tenths for 0.1. The factor is its decimal text."""
    ratio = by.ratio * (factor if isinstance(factor, Fraction) else Fraction(str(factor)))
    return replace(by, factor=float(ratio), ratio=ratio)
