"""Unified social credit codes with right check digits (GB 32100, GB 11714) in a series that is never issued."""

from __future__ import annotations

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def make_uscc(region_code: str, number: int) -> str:
    """The code of enterprise ``number`` registered in ``region_code``."""
    body = "91" + region_code + _organisation(f"YY{number:06d}")
    return body + _check(body)


def spoil_check_digit(code: str) -> str:
    """``code`` with another check digit."""
    return code[:-1] + USCC_ALPHABET[(USCC_ALPHABET.index(code[-1]) + 7) % 31]


def _organisation(body: str) -> str:
    values = (int(char) if char.isdigit() else ord(char) - 55 for char in body)
    rest = 11 - sum(value * weight for value, weight in zip(values, _ORGANISATION_WEIGHTS, strict=True)) % 11
    return body + {10: "X", 11: "0"}.get(rest, str(rest))


def _check(body: str) -> str:
    total = sum(USCC_ALPHABET.index(char) * pow(3, place, 31) for place, char in enumerate(body))
    return USCC_ALPHABET[(31 - total % 31) % 31]
