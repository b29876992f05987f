"""Facts of sums, differences, products and quotients."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from citylake.pipelines.marts.meaning.column_fact import Fact, all_suspects, depending_on, either, unlike

if TYPE_CHECKING:
    from citylake.schemas.model.element import Measure

_COUNTED: Final = frozenset(
    map(Fraction, (2, 3, 4, 5, 6, 7, 8, 12, 24, 28, 29, 30, 31, 48, 52, 90, 96, 144, 168, 288, 365, 366, 1440, 8760))
)
"""A total divided by such a number may be a mean of so many hours, days or months."""


def added(one: Fact, two: Fact, *, minus: bool) -> Fact:
    """The fact of ``one + two`` or ``one - two``, which are alike."""
    if one.number is not None and two.number is not None:
        return Fact(constant=one.number - two.number if minus else one.number + two.number)
    if one.number is not None or two.number is not None:
        value, number = (two, one.number) if one.number is not None else (one, two.number)
        assert number is not None
        unit = value.unit.shifted(-number if minus and value is one else number) if value.unit else None
        # A difference from a threshold may be added up: degree days are.
        measure = None if minus and value.measure == "intensity" else value.measure
        return replace(value, unit=unit, measure=measure, source=None, label=None, chosen_by=None)
    found = either([one, two])
    unit = found.unit
    if minus and unit and unit.is_temperature:
        unit = replace(unit, readings=unit.readings | {(factor, Fraction(0)) for factor, _ in unit.readings})
    measure = None if minus else found.measure
    frame = None if minus else found.frame
    return replace(found, unit=unit, measure=measure, frame=frame, source=None, label=None, weight=None)


def multiplied(one: Fact, two: Fact) -> Fact:
    """The fact of ``one * two``."""
    if one.number is not None and two.number is not None:
        return Fact(constant=one.number * two.number)
    if one.number is not None or two.number is not None:
        value, number = (two, one.number) if one.number is not None else (one, two.number)
        assert number is not None
        return replace(value, unit=value.unit.scaled(number) if value.unit else None, source=None, chosen_by=None)
    unit = one.unit.times(two.unit) if one.unit and two.unit else None
    return replace(_both(one, two), unit=unit, measure=_product(one.measure, two.measure))


def divided(one: Fact, two: Fact) -> Fact:
    """The fact of ``one / two``. A total over a number of things is a mean."""
    number = two.number
    if one.number is not None:
        return Fact(constant=one.number / number) if number else unlike([one, two])
    if number is not None:
        if number == 0:
            return unlike([one, two])
        meant = number in _COUNTED
        found = replace(one, unit=one.unit.scaled(1 / number) if one.unit else None, source=None, chosen_by=None)
        return replace(found, suspects=(), mean=found.mean or found.total, total=False) if meant else found
    unit = one.unit.times(two.unit, -1) if one.unit and two.unit else None
    found = replace(_both(one, two), unit=unit, measure=_quotient(one, two), suspects=())
    if one.total and two.total and not two.whole:
        counted = two.unit is None and two.measure is None
        return replace(found, mean=True, unit=one.unit if counted else unit)
    return found


def _both(one: Fact, two: Fact) -> Fact:
    depends, carries = depending_on([one, two])
    return Fact(
        one.name or two.name,
        edition=one.edition or two.edition,
        depends=depends,
        carries=carries,
        subtotal=one.subtotal or two.subtotal,
        suspects=all_suspects([one, two]),
    )


def _product(one: Measure | None, two: Measure | None) -> Measure | None:
    measures = {one, two}
    if "intensity" in measures and measures & {"stock", "flow"}:
        return "flow" if "flow" in measures else "stock"
    return None


def _quotient(one: Fact, two: Fact) -> Measure | None:
    if two.whole:
        # Shares of a total add up to it.
        return None
    if one.total and two.total and two.measure is None:
        return one.measure
    if one.measure and two.measure and (one.measure == "intensity") <= (two.measure == "intensity"):
        return "intensity"
    return None
