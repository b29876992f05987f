"""Units of measurement: codes, aliases and conversions. No value is converted here, only the factors are given."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from citylake.schemas.model.element import GasProperties
from citylake.schemas.units.ucum import UcumError, UcumUnit, parse_ucum
from citylake.schemas.units.unit_table import casefold_units, normalize_unit_text, unit_aliases, unit_entries
from citylake.schemas.words.errors import CitylakeError

__all__ = [
    "UnitConversion",
    "is_mass_concentration",
    "nearest_units",
    "reference_state_ratio",
    "resolve_unit",
    "symbol_suffix",
    "unit_conversion",
    "unit_spellings",
]

_GAS_CONSTANT_J_MOL_K = Fraction("8.314462618")
_MASS_PER_VOLUME = (("length", -3), ("mass", 1))
_MULTIPLES = {"万": "10*4.", "亿": "10*8."}
_SCALED = re.compile(r"(\d+(?:\.\d+)?)\s*([^\d.*/\s].*)")


@dataclass(frozen=True, slots=True)
class UnitConversion:
    """``target = source * factor + offset``. ``ratio`` is the factor exactly: dividing by 1000 rounds once."""

    factor: float
    offset: float
    ratio: Fraction

    @property
    def identity(self) -> bool:
        """Whether nothing changes."""
        return self.ratio == 1 and self.offset == 0.0


@cache
def unit_conversion(source: str, target: str, gas: GasProperties | None = None) -> UnitConversion:
    """The conversion of values in ``source`` to ``target``, both UCUM codes or aliases.

    With ``gas``, shares by volume (ppb) and mass concentrations convert at its reference state: ρ = x·M·p/(R·T), the
    ideal gas law. Raises UNIT_UNKNOWN and UNIT_INCOMPATIBLE.
    """
    start, end = _unit(source), _unit(target)
    if start.dimension != end.dimension:
        start = _as_mass(start, end, gas) or start
        end = _as_mass(end, start, gas) or end
    if start.dimension != end.dimension:
        raise CitylakeError("UNIT_INCOMPATIBLE", source=source, target=target)
    ratio = start.factor / end.factor
    return UnitConversion(float(ratio), float((start.offset - end.offset) / end.factor), ratio)


def is_mass_concentration(unit: str) -> bool:
    """Whether ``unit`` is a mass per volume, so that a gas in it has a reference state."""
    return _unit(unit).dimension == _MASS_PER_VOLUME


def reference_state_ratio(source: GasProperties, target: GasProperties) -> Fraction:
    """The factor from a concentration at one reference state to another: ρ is proportional to p/T."""
    warmth = Fraction(str(source.temperature_k)) / Fraction(str(target.temperature_k))
    return warmth * Fraction(str(target.pressure_hpa)) / Fraction(str(source.pressure_hpa))


def resolve_unit(text: str) -> str:
    """The UCUM code that ``text`` (a code, an alias, ``0.1 mm``, ``万立方米``) stands for; raises UNIT_UNKNOWN."""
    found = _find_code(normalize_unit_text(text))
    if found is None:
        raise CitylakeError("UNIT_UNKNOWN", unit=text, suggestion=", ".join(nearest_units(text)))
    return found


@cache
def unit_spellings() -> Mapping[str, str]:
    """Every text that a row may give as its unit → UCUM code: codes, names and aliases, also with ``³`` and ``µ``.

    A closed set, for columns in which each row names its unit; ``resolve_unit`` accepts more.
    """
    found = {code: code for code in unit_entries()} | dict(unit_aliases())
    for entry in unit_entries().values():
        found |= dict.fromkeys(entry.aliases, entry.code)
    for text, code in list(found.items()):
        raised = re.sub(r"(?<=m)([23])(?!\d)", lambda power: "²³"[int(power[1]) - 2], text)
        for micro in ("µ", "μ") if code.startswith("u") else ():
            found.setdefault(re.sub("^u", micro, raised), code)
            found.setdefault(re.sub("^u", micro, text), code)
        found.setdefault(raised, code)
    return found


def nearest_units(text: str, n: int = 3) -> list[str]:
    """The ``n`` units whose codes or aliases look most like ``text``."""
    near = difflib.get_close_matches(normalize_unit_text(text).casefold(), casefold_units(), n=n * 3, cutoff=0.0)
    return list(dict.fromkeys(casefold_units()[text] for text in near))[:n]


def symbol_suffix(code: str) -> str:
    """The suffix of a column in this unit: ``ug/m3`` → ``ugm3``, ``Cel`` → ``degc``; empty for dimensionless."""
    entry = unit_entries().get(code)
    if entry is not None and entry.suffix is not None:
        return entry.suffix
    return re.sub(r"[^a-z0-9]", "", re.sub(r"_(i|cn)\]", "]", code).lower())


def _unit(text: str) -> UcumUnit:
    return parse_ucum(resolve_unit(text))


def _as_mass(share: UcumUnit, other: UcumUnit, gas: GasProperties | None) -> UcumUnit | None:
    if gas is None or not gas.complete or share.dimension or other.dimension != _MASS_PER_VOLUME:
        return None
    pressure_pa = Fraction(str(gas.pressure_hpa)) * 100
    density = Fraction(str(gas.molar_mass_g_mol)) * pressure_pa
    density /= _GAS_CONSTANT_J_MOL_K * Fraction(str(gas.temperature_k))
    return UcumUnit(share.factor * density, Fraction(0), other.dimension)


@cache
def _find_code(text: str) -> str | None:
    if text in unit_aliases():
        return unit_aliases()[text]
    for candidate in (text, text.replace(" ", ""), text.replace(" ", ".")):
        if _readable(candidate):
            return candidate
    return (
        casefold_units().get(text.casefold())
        or casefold_units().get(text.replace(" ", "").casefold())
        or _composed(text)
    )


def _readable(code: str) -> bool:
    try:
        parse_ucum(code)
    except UcumError:
        return False
    return True


def _composed(text: str) -> str | None:
    if (scaled := _SCALED.fullmatch(text)) and Fraction(scaled[1]):
        inner = _find_code(scaled[2].strip())
        return f"{scaled[1]} {inner}" if inner else None
    if text[:1] in _MULTIPLES:
        inner = _find_code(text[1:].strip())
        return _MULTIPLES[text[0]] + inner if inner else None
    left, slash, right = text.replace("每", "/").rpartition("/")
    if not slash:
        return None
    above, below = _find_code(left.strip()), _find_code(right.strip())
    if not above or not below:
        return None
    return f"{above}/({below})" if "." in below or "/" in below else f"{above}/{below}"
