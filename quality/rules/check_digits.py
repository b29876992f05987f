"""Check digits of identifiers, evaluated over whole columns.

The tests expect normalised text (upper case, half width, no spaces). A value in another form is false; nothing is
normalised here.

All five standards have the same structure: each (position, character) contributes a number, and the sum has a fixed
remainder. A test is therefore a pattern and a lookup table, and a column is evaluated by one vectorised lookup.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from citylake.schemas.model.element import CheckDigit

USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
LUHN_DIGITS = 32
"""Maximum length of a number for the Luhn test, in digits; bank card numbers have at most 19."""

_DIGITS = {digit: int(digit) for digit in "0123456789"}
_BASE36 = {char: int(char, 36) for char in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
_USCC = {char: rank for rank, char in enumerate("0123456789ABCDEFGHJKLMNPQRTUWXY")}
_VIN = _DIGITS | dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", (*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True))
_OR_X = _DIGITS | {"X": 10}
_DOUBLED = {digit: value * 2 - 9 * (value > 4) for digit, value in _DIGITS.items()}


@dataclass(frozen=True, slots=True)
class _Test:
    """``shape``: regular expression that the text must match. ``values`` and ``weights``: one entry per position."""

    shape: str
    values: Sequence[Mapping[str, int]]
    weights: Sequence[int]
    modulus: int
    remainder: int = 0

    def table(self) -> np.ndarray:
        """Return the contributions, indexed by (position, ASCII code)."""
        table = np.zeros((len(self.weights), 128), np.int16)
        for place, (values, weight) in enumerate(zip(self.values, self.weights, strict=True)):
            for char, value in values.items():
                table[place, ord(char)] = value * weight
        return table


def has_check_digit(name: CheckDigit, value: pl.Expr) -> pl.Expr:
    """Return a Boolean: ``value`` (String) has the form of such a number and the right check digit. Null for null."""
    test = _TESTS[name]
    table = test.table()
    bare = value.str.replace("-", "", literal=True) if name == "organisation_code" else value
    right = bare.map_batches(lambda texts: _sums(texts, test, table), return_dtype=pl.Boolean, is_elementwise=True)
    shaped = value.str.contains(test.shape) & ~bare.str.contains(r"^0+$")
    if name == "id_number":
        shaped &= value.str.slice(6, 8).str.to_date("%Y%m%d", strict=False).is_not_null()
    return pl.when(value.is_not_null()).then(shaped & right)


def _sums(texts: pl.Series, test: _Test, table: np.ndarray) -> pl.Series:
    """Return whether each text's sum has the expected remainder. False for non-ASCII text and for other lengths."""
    width = len(test.weights)
    padded = texts.str.zfill(width) if test is _TESTS["luhn"] else texts
    fits = ((padded.str.len_bytes() == width) & (padded.str.len_chars() == width)).fill_null(value=False)
    joined = padded.filter(fits).str.join("").item() or ""
    characters = np.frombuffer(joined.encode(), np.uint8).reshape(-1, width)
    total = np.take(table.ravel(), characters.astype(np.int32) + np.arange(width) * 128).sum(axis=1, dtype=np.int32)
    right = np.zeros(len(texts), np.bool_)
    right[fits.to_numpy()] = total % test.modulus == test.remainder
    return pl.Series(texts.name, right)


_TESTS: dict[CheckDigit, _Test] = {
    # GB 32100-2015: Σ value·3^(i-1) ≡ 0 (mod 31), alphabet without I O S V Z. No registration authority has the code 0,
    # so a code of zeros is rejected although its sum is right.
    "uscc": _Test(
        r"^[1-9A-HJ-NP-RTUW-Y][0-9A-HJ-NP-RTUW-Y][0-9]{6}[0-9A-HJ-NP-RTUW-Y]{10}$",
        [_USCC] * 18,
        (*USCC_WEIGHTS, 1),
        31,
    ),
    # GB 11714-1997: C9 = 11 - Σ value·weight mod 11, where 10 is written X and 11 is written 0; the hyphen is optional.
    "organisation_code": _Test(r"^[0-9A-Z]{8}-?[0-9X]$", [*[_BASE36] * 8, _OR_X], (*ORGANISATION_WEIGHTS, 1), 11),
    # GB 11643-1999 (ISO 7064 MOD 11-2): Σ ≡ 1 (mod 11), X is 10; the date of birth must be valid. The 15-digit numbers
    # issued before 1999 have no check digit and are false; they are upgraded before this test.
    "id_number": _Test(r"^[1-9][0-9]{5}(18|19|20)[0-9]{9}[0-9X]$", [_OR_X] * 18, (*ID_WEIGHTS, 1), 11, 1),
    # GB 16735 (ISO 3779): position 9 = Σ value·weight mod 11, 10 is written X; letters count 1 to 9, without I O Q.
    "vin": _Test(
        r"^[0-9A-HJ-NPR-Z]{8}[0-9X][0-9A-HJ-NPR-Z]{8}$",
        [*[_VIN] * 8, _OR_X, *[_VIN] * 8],
        (*VIN_WEIGHTS[:8], -1, *VIN_WEIGHTS[9:]),
        11,
    ),
    # ISO/IEC 7812-1 annex B: every second digit from the right is doubled; the sum of all digits ≡ 0 (mod 10).
    "luhn": _Test(f"^[0-9]{{2,{LUHN_DIGITS}}}$", [_DOUBLED, _DIGITS] * (LUHN_DIGITS // 2), (1,) * LUHN_DIGITS, 10),
}
