"""The unit of an expression, as far as it is known: which units its numbers can be in."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Final

from citylake.schemas.units import resolve_unit
from citylake.schemas.units.ucum import UcumError, UcumUnit, parse_ucum
from citylake.schemas.units.unit_table import unit_entries
from citylake.schemas.words.errors import CitylakeError

Dimension = tuple[tuple[str, int], ...]
Reading = tuple[Fraction, Fraction]
"""``value_in_base_units = number * factor + offset``."""

_MOST: Final = 8
_POWERS: Final = frozenset(Fraction(10) ** power for power in (3, 6, 9))
_OF_TIME: Final = frozenset(map(Fraction, (24, 60, 1440, 3600, 86400)))
_HUNDRED: Final = Fraction(100)
_OF_SPEED: Final = Fraction("3.6")


@dataclass(frozen=True, slots=True)
class Unit:
    """A dimension, and the units in it that the numbers can be in: more than one after a factor of unclear intent."""

    dimension: Dimension
    readings: frozenset[Reading]
    text: str

    def agrees(self, other: Unit) -> bool:
        """Whether the numbers of both can be in one unit. A number without a unit may be a count of anything."""
        if self.dimension != other.dimension:
            return _counts_only(self, other) or _counts_only(other, self)
        return not self.readings.isdisjoint(other.readings)

    def common(self, other: Unit) -> Unit:
        """The readings that both have, or this one's if they have none."""
        both = self.readings & other.readings
        return Unit(self.dimension, both, other.text if len(self.readings) > 1 else self.text) if both else self

    def scaled(self, by: Fraction) -> Unit:
        """The unit of numbers multiplied by ``by``: a conversion, or a multiple, or either."""
        if by in (0, 1):
            return self
        converted = frozenset((factor / by, offset) for factor, offset in self.readings)
        if by > 0 and self._converts(by if by > 1 else 1 / by):
            return Unit(self.dimension, converted, self._named(converted))
        found = self.readings | converted
        return Unit(self.dimension, found if len(found) <= _MOST else self.readings, self.text)

    def shifted(self, by: Fraction) -> Unit:
        """The unit of numbers to which ``by`` is added: of a temperature, maybe another scale."""
        if not self.is_temperature:
            return self
        moved = frozenset((factor, offset - by * factor) for factor, offset in self.readings)
        return Unit(self.dimension, self.readings | moved, self.text)

    def times(self, other: Unit, power: int = 1) -> Unit:
        """The unit of a product, or with ``power`` -1 of a quotient."""
        found = dict(self.dimension)
        for base, exponent in other.dimension:
            found[base] = found.get(base, 0) + exponent * power
        factors = {(one * two**power, Fraction(0)) for one, _ in self.readings for two, _ in other.readings}
        dimension = tuple(sorted((base, exponent) for base, exponent in found.items() if exponent))
        readings = frozenset(sorted(factors)[:_MOST])
        return Unit(dimension, readings, _known_code(dimension, readings) or _joined(self.text, other.text, power))

    @property
    def is_temperature(self) -> bool:
        """Whether it is a temperature, whose scales have different zeros."""
        return self.dimension == (("temperature", 1),)

    @property
    def is_percent(self) -> bool:
        """Whether the numbers are hundredths."""
        return not self.dimension and self.readings == {(Fraction(1, 100), Fraction(0))}

    def factor_to(self, other: Unit) -> Fraction | None:
        """The factor that converts to ``other``; None if there is none."""
        if self.dimension != other.dimension:
            return None
        (own, _), (wanted, _) = min(self.readings), min(other.readings)
        return own / wanted

    def _converts(self, by: Fraction) -> bool:
        bases = dict(self.dimension)
        if by in _POWERS:
            return True
        if by in _OF_TIME:
            return "time" in bases
        if by == _OF_SPEED:
            return bases == {"length": 1, "time": -1}
        return by == _HUNDRED and not bases

    def _named(self, readings: frozenset[Reading]) -> str:
        return _known_code(self.dimension, readings) or f"{self.text} × {float(min(readings)[0]):g}"


@cache
def unit_of(text: str | None) -> Unit | None:
    """The unit with this code or alias; None if it is not known."""
    if not text:
        return None
    try:
        code = resolve_unit(text)
        return _unit(parse_ucum(code), code)
    except (CitylakeError, UcumError):
        return None


def _unit(parsed: UcumUnit, code: str) -> Unit:
    return Unit(parsed.dimension, frozenset({(parsed.factor, parsed.offset)}), code)


def _counts_only(plain: Unit, counted: Unit) -> bool:
    braces = all(base.startswith(("{", "count")) for base, _ in counted.dimension)
    return not plain.dimension and braces and (Fraction(1), Fraction(0)) in plain.readings


@cache
def _codes() -> dict[tuple[Dimension, Reading], str]:
    found: dict[tuple[Dimension, Reading], str] = {}
    for code in unit_entries():
        try:
            unit = parse_ucum(code)
        except UcumError:
            continue
        found.setdefault((unit.dimension, (unit.factor, unit.offset)), code)
    return found


def _known_code(dimension: Dimension, readings: frozenset[Reading]) -> str | None:
    return _codes().get((dimension, next(iter(readings)))) if len(readings) == 1 else None


def _joined(one: str, two: str, power: int) -> str:
    if two == "1":
        return one
    wrapped = f"({two})" if "/" in two or "." in two else two
    return f"{one}.{wrapped}" if power > 0 else f"{one}/{wrapped}"
