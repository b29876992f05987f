"""Reading a UCUM code: a product of units with prefixes and exponents, as an exact factor over base units."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from citylake.schemas.units.unit_table import UnitEntry, unit_entries

# UCUM has more; the others (T, P, f, p…) would make typing errors such as `ft` valid.
_PREFIXES = {"G": 9, "M": 6, "k": 3, "h": 2, "d": -1, "c": -2, "m": -3, "u": -6, "n": -9}
_TOKEN = re.compile(
    r"(?P<power>10\*[+-]?\d{1,2})|(?P<number>\d{1,9})|(?P<mark>[./()])|(?P<counted>\{[^}]*\})"
    r"|(?P<unit>(?:\[[^\]]*\]|[A-Za-z%'])+)(?P<exponent>[+-]?\d{1,2})?(?:\{[^}]*\})?"
)
_SCALED = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>[^\d.*/^\s].*)")


class UcumError(Exception):
    """The text is not a UCUM code, or uses a unit that is not in the table."""


@dataclass(frozen=True, slots=True)
class UcumUnit:
    """``value_in_base_units = value * factor + offset``; ``dimension`` is base unit → exponent, sorted."""

    factor: Fraction
    offset: Fraction
    dimension: tuple[tuple[str, int], ...]


@cache
def parse_ucum(code: str) -> UcumUnit:
    """The unit that ``code`` names, optionally after a number (``0.1 mm``); raises UcumError."""
    scaled = _SCALED.fullmatch(code)
    if scaled and Fraction(scaled["number"]):
        unit = parse_ucum(scaled["unit"])
        return UcumUnit(unit.factor * Fraction(scaled["number"]), unit.offset, unit.dimension)
    entry = unit_entries().get(code)
    if entry is not None and entry.atomic:
        return _entry_unit(entry)
    return _UcumParser(code).product()


def _entry_unit(entry: UnitEntry) -> UcumUnit:
    if entry.base is not None:
        return UcumUnit(Fraction(1), Fraction(0), () if entry.base == "none" else ((entry.base, 1),))
    unit = parse_ucum(entry.of or "")
    return UcumUnit(unit.factor * entry.factor, entry.offset, unit.dimension)


def _atom(text: str) -> UcumUnit:
    entry = unit_entries().get(text)
    if entry is not None and entry.atomic:
        return _entry_unit(entry)
    stem = unit_entries().get(text[1:])
    if stem is None or not stem.prefixes or text[0] not in _PREFIXES:
        raise UcumError(text)
    unit = _entry_unit(stem)
    return UcumUnit(unit.factor * Fraction(10) ** _PREFIXES[text[0]], unit.offset, unit.dimension)


class _UcumParser:
    """Recursive descent over one code; ``.`` and ``/`` bind from left to right."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.position = 0
        self.components = 0
        self.offset = Fraction(0)

    def product(self) -> UcumUnit:
        factor, dimension = self._term()
        if self.position != len(self.code) or not self.components:
            raise UcumError(self.code)
        # A temperature has an offset only if it stands alone: K/m is a difference.
        offset = self.offset if self.components == 1 else Fraction(0)
        return UcumUnit(factor, offset, tuple(sorted((base, power) for base, power in dimension.items() if power)))

    def _term(self) -> tuple[Fraction, Counter[str]]:
        factor, dimension = Fraction(1), Counter[str]()
        sign = -1 if self._take("/") else 1
        while True:
            part, bases = self._component()
            factor *= part**sign
            for base, power in bases.items():
                dimension[base] += sign * power
            if not (self._take(".") or self._peek("/")):
                return factor, dimension
            sign = -1 if self._take("/") else 1

    def _component(self) -> tuple[Fraction, Counter[str]]:
        if self._take("("):
            inside = self._term()
            if not self._take(")"):
                raise UcumError(self.code)
            return inside
        token = _TOKEN.match(self.code, self.position)
        if token is None or token["mark"]:
            raise UcumError(self.code)
        self.position = token.end()
        return self._valued(token)

    def _valued(self, token: re.Match[str]) -> tuple[Fraction, Counter[str]]:
        if token["power"]:
            return Fraction(10) ** int(token["power"][3:]), Counter()
        if token["number"] and int(token["number"]):
            return Fraction(token["number"]), Counter()
        if token["number"]:
            raise UcumError(self.code)
        self.components += 1
        counted = unit_entries().get(token["counted"])
        if token["counted"] and not (counted and counted.atomic):
            return Fraction(1), Counter({token["counted"]: 1})
        return self._powered(token["counted"] or token["unit"], int(token["exponent"] or 1))

    def _powered(self, text: str, exponent: int) -> tuple[Fraction, Counter[str]]:
        unit = _atom(text)
        self.offset = unit.offset if exponent == 1 else Fraction(0)
        return unit.factor**exponent, Counter({base: power * exponent for base, power in unit.dimension})

    def _peek(self, mark: str) -> bool:
        return self.code.startswith(mark, self.position)

    def _take(self, mark: str) -> bool:
        if not self._peek(mark):
            return False
        self.position += len(mark)
        return True
