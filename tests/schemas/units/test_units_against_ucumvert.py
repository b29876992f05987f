"""The conversion factors of our units agree with those of ucumvert, which translates UCUM into units of pint."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from lark.exceptions import VisitError
from ucumvert import PintUcumRegistry
from ucumvert.parser import InvalidUcumError

from citylake.schemas.units import unit_conversion
from citylake.schemas.units.ucum import parse_ucum
from citylake.schemas.units.unit_table import unit_entries

NOT_IN_UCUM = "no code of UCUM"
MERCURY = "UCUM defines 133.322 kPa; pint computes 133.322387415 kPa from the density of mercury"
EXCEPTIONS = {
    "CNY": NOT_IN_UCUM,
    "10*3.CNY": NOT_IN_UCUM,
    "10*4.CNY": NOT_IN_UCUM,
    "10*6.CNY": NOT_IN_UCUM,
    "10*8.CNY": NOT_IN_UCUM,
    "var": NOT_IN_UCUM,
    "Mvar": NOT_IN_UCUM,
    "dB[A]": NOT_IN_UCUM,
    "[li_cn]": NOT_IN_UCUM,
    "[jin_cn]": NOT_IN_UCUM,
    "[mu_cn]": NOT_IN_UCUM,
    "[MPN]": "ucumvert's table of UCUM does not have it",
    "[pH]": "ucumvert does not define it in pint",
    "m[Hg]": MERCURY,
    "mm[Hg]": MERCURY,
    "[in_i'Hg]": "UCUM defines it by m[Hg], at 0 °C; ucumvert uses pint's inch of mercury at 60 °F",
    "'": "a minute of arc; ucumvert uses pint's minute of time",
    "''": "a second of arc; ucumvert uses pint's second of time",
}
"""Units of the table that differ from ucumvert's or are unknown to it, with the reason."""
DIRAC = "hbar"
"""A hectobar; pint reads it as Dirac's constant."""


@pytest.fixture(scope="module")
def pint() -> Any:
    return PintUcumRegistry()


def quantity(pint: Any, code: str) -> Any:
    try:
        return pint.from_ucum(code)
    except (InvalidUcumError, VisitError):
        return None


def find_differences(pint: Any, codes: Iterable[str]) -> set[str]:
    """Codes whose conversion to the first known unit of the same dimension is another than pint's."""
    references: dict[Any, tuple[str, Any]] = {}
    different = set()
    for code in codes:
        found = quantity(pint, code)
        if found is None:
            different.add(code)
            continue
        target = references.setdefault(parse_ucum(code).dimension, (code, found))
        if not agrees(pint, code, found, *target):
            different.add(code)
    return different


def agrees(pint: Any, code: str, found: Any, target: str, reference: Any) -> bool:
    if found.dimensionality != reference.dimensionality:
        return False
    zero, one = (pint.Quantity(n * found.magnitude, found.units).to(reference.units).magnitude for n in (0.0, 1.0))
    ours = unit_conversion(code, target)
    factor, offset = (one - zero) / reference.magnitude, zero / reference.magnitude
    return bool(factor == pytest.approx(ours.factor, rel=1e-12) and offset == pytest.approx(ours.offset, abs=1e-9))


def test_every_unit_of_the_table_converts_as_in_pint_except_those_listed(pint: Any) -> None:
    # What is counted ({veh}, {tce}) is an annotation in UCUM, without a dimension or a factor.
    codes = [code for code in unit_entries() if "{" not in code]
    assert find_differences(pint, codes) == EXCEPTIONS.keys()


@pytest.mark.parametrize("prefix", ["G", "M", "k", "h", "d", "c", "m", "u", "n"])
def test_every_unit_with_a_prefix_converts_as_in_pint(pint: Any, prefix: str) -> None:
    units = [code for code, entry in unit_entries().items() if entry.prefixes and code not in EXCEPTIONS]
    assert len(units) > 15
    assert find_differences(pint, units + [prefix + code for code in units]) == {DIRAC} & {prefix + "bar"}
