"""Check digits of identifiers, as polars expressions over whole columns.

Every test wants the normal form (upper case, half width, no spaces) and looks at the text as it stands: a value in
another form is false, never mended here.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from schemas.element import CheckDigit

USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
LUHN_DIGITS = 32
"""The longest number that the Luhn test reads; bank cards have 19 digits at most."""


def check_digit(name: CheckDigit, value: pl.Expr) -> pl.Expr:
    """Whether ``value`` (String) carries the right check digit and can be such a number; null for null."""
    return pl.when(value.is_not_null()).then(_TESTS[name](value))


def _uscc(value: pl.Expr) -> pl.Expr:
    """GB 32100-2015: Σ value·3^(i-1) over 18 places ≡ 0 (mod 31), the alphabet without I O S V Z.

    No registering authority has the code ``0``, so a code of zeros is refused although its sum is right.
    """
    total = sum(
        (_skip(_base36(value, place), "IOSVZ") * weight for place, weight in enumerate((*USCC_WEIGHTS, 1))),
        pl.lit(0),
    )
    shape = value.str.contains(r"^[1-9A-HJ-NP-RTUW-Y][0-9A-HJ-NP-RTUW-Y][0-9]{6}[0-9A-HJ-NP-RTUW-Y]{10}$")
    return shape & (total % 31 == 0)


def _organisation_code(value: pl.Expr) -> pl.Expr:
    """GB 11714-1997: C9 = 11 - Σ value·weight mod 11, 10 written X and 11 written 0; the hyphen may be absent."""
    bare = value.str.replace("-", "", literal=True)
    total = sum((_base36(bare, place) * weight for place, weight in enumerate(ORGANISATION_WEIGHTS)), pl.lit(0))
    shape = value.str.contains(r"^[0-9A-Z]{8}-?[0-9X]$") & ~bare.str.contains(r"^0+$")
    # 11 - total mod 11 is 11 (written 0) exactly where total mod 11 is 0.
    return shape & (_digit_or_x(bare, 8) == (11 - total % 11) % 11)


def _id_number(value: pl.Expr) -> pl.Expr:
    """GB 11643-1999: Σ over 18 places ≡ 1 (mod 11), X is 10; and a date of birth that a calendar has.

    The 15-digit numbers of before 1999 have no check digit and are false: they are upgraded before.
    """
    total = sum((_digit_or_x(value, place) * weight for place, weight in enumerate((*ID_WEIGHTS, 1))), pl.lit(0))
    shape = value.str.contains(r"^[1-9][0-9]{5}(18|19|20)[0-9]{9}[0-9X]$")
    born = value.str.slice(6, 8).str.to_date("%Y%m%d", strict=False)
    return shape & born.is_not_null() & (total % 11 == 1)


def _vin(value: pl.Expr) -> pl.Expr:
    """GB 16735 (ISO 3779): place 9 = Σ value·weight mod 11, 10 written X; letters count 1 to 9, without I O Q."""
    total = sum((_vin_value(value, place) * weight for place, weight in enumerate(VIN_WEIGHTS)), pl.lit(0))
    shape = value.str.contains(r"^[0-9A-HJ-NPR-Z]{8}[0-9X][0-9A-HJ-NPR-Z]{8}$") & ~value.str.contains(r"^0+$")
    return shape & (_digit_or_x(value, 8) == total % 11)


def _luhn(value: pl.Expr) -> pl.Expr:
    """ISO/IEC 7812-1 annex B: from the right every second digit doubled, the digits' sum ≡ 0 (mod 10)."""
    padded = value.str.zfill(LUHN_DIGITS)
    places = [_base36(padded, place) for place in range(LUHN_DIGITS)]
    doubled = [digit * 2 - 9 * (digit > 4).cast(pl.Int32) for digit in places[::2]]
    total = sum((*doubled, *places[1::2]), pl.lit(0))
    shape = value.str.contains(f"^[0-9]{{2,{LUHN_DIGITS}}}$") & ~value.str.contains(r"^0+$")
    return shape & (total % 10 == 0)


def _byte(value: pl.Expr, place: int) -> pl.Expr:
    """The ASCII code at ``place``; 48 (a zero) past the end, where the shape is false already."""
    return value.cast(pl.Binary).bin.get(place, null_on_oob=True).cast(pl.Int32).fill_null(48)


def _base36(value: pl.Expr, place: int) -> pl.Expr:
    code = _byte(value, place)
    return code - 48 - 7 * (code > 57).cast(pl.Int32)


def _digit_or_x(value: pl.Expr, place: int) -> pl.Expr:
    code = _byte(value, place)
    return code - 48 - 30 * (code == ord("X")).cast(pl.Int32)


def _vin_value(value: pl.Expr, place: int) -> pl.Expr:
    """A=1 … H=8, J=1 … R=9, S=2 … Z=9."""
    rank = _base36(value, place)
    return rank - 9 * ((rank > 9).cast(pl.Int32) + (rank > 18).cast(pl.Int32)) - 8 * (rank > 27).cast(pl.Int32)


def _skip(rank: pl.Expr, letters: str) -> pl.Expr:
    """The rank in an alphabet that leaves ``letters`` out."""
    below: pl.Expr = sum(((rank > int(letter, 36)).cast(pl.Int32) for letter in letters), pl.lit(0))
    return rank - below


_TESTS: dict[CheckDigit, Callable[[pl.Expr], pl.Expr]] = {
    "uscc": _uscc,
    "organisation_code": _organisation_code,
    "id_number": _id_number,
    "vin": _vin,
    "luhn": _luhn,
}
