"""The check digit of a credit code (GB 32100-2015), in Python and in SQL."""

from __future__ import annotations

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def right(code: str) -> bool:
    """Whether ``code`` has 18 characters of the alphabet and a valid check digit."""
    if len(code) != 18 or any(char not in ALPHABET for char in code):
        return False
    total = sum(ALPHABET.index(char) * weight for char, weight in zip(code, WEIGHTS, strict=False))
    return code[17] == ALPHABET[(31 - total % 31) % 31]


def wrong_sql(code: str) -> str:
    """A condition that is true if the SQL expression ``code`` is invalid; for DuckDB and Spark."""
    places = [f"(instr('{ALPHABET}', substr({code}, {n}, 1)) - 1)" for n in range(1, 19)]
    total = " + ".join(f"{place} * {weight}" for place, weight in zip(places, WEIGHTS, strict=False))
    strange = " OR ".join(f"{place} < 0" for place in places)
    return f"(length({code}) <> 18 OR {strange} OR {places[17]} <> (31 - ({total}) % 31) % 31)"
