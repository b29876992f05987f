"""Rows of values at which engines differ: NaN, infinities, zeros with a sign, ties, clock changes, far numbers."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

SHAPE = {
    "id": "INTEGER",
    "k": "INTEGER",
    "i": "INTEGER",
    "n": "BIGINT",
    "d": "DOUBLE",
    "e": "DOUBLE",
    "m": "DECIMAL(10,2)",
    "s": "VARCHAR",
    "day": "DATE",
    "later": "DATE",
    "came": "TIMESTAMPTZ",
    "seen": "TIMESTAMPTZ",
    "local": "TIMESTAMP",
    "opens": "TIME",
    "ok": "BOOLEAN",
    "g": "STRUCT(aqi INTEGER, part DOUBLE)",
}
NAN, INF = float("nan"), float("inf")
_INTEGERS = [0, 1, -1, 2, 7, -7, 100, 5, None, 3]
_BIG = [0, 2**53 + 1, -(2**53) - 1, 9_007_199_254_740_993, 10**15, -3, None, 17, 5]
_DOUBLES = [
    0.0,
    -0.0,
    1.0,
    -1.5,
    2.5,
    0.5,
    3.5,
    -2.5,
    0.15,
    1.005,
    2.675,
    1e20,
    -1e20,
    1e-300,
    NAN,
    -NAN,
    INF,
    -INF,
    None,
]
_DECIMALS = [Decimal(text) for text in ("0.00", "0.05", "-0.05", "2.50", "3.50", "-2.50", "99999999.99", "0.01")] + [
    None
]
_TEXTS = ["", " a ", "990101", "上海市 浦东", "é", "e\u0301", "𝒜x", "A", "b", "a", "B;c;", "x\ty", "ß", None, "50%_\\"]
_DAYS = [
    date(2024, 2, 29),
    date(2025, 2, 28),
    date(2026, 3, 29),
    date(2026, 10, 25),
    date(2025, 12, 31),
    date(2027, 1, 1),
]
_TIMES = [
    datetime(2026, 3, 29, 0, 59, 59, 999_999, UTC),
    datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
    datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
    datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    datetime(2024, 2, 29, 16, 0, tzinfo=UTC),
    datetime(2025, 12, 31, 23, 59, 59, 500_000, UTC),
    datetime(1969, 7, 20, 20, 17, 40, 250_000, UTC),
    None,
]
_OPENED = [time(0), time(8, 5), time(23, 59, 59), time(6, 30, 15, 500_000), None]


def edge_rows(count: int = 190) -> list[dict[str, Any]]:
    """Rows of :data:`SHAPE`; the lists have different lengths, so that every value meets many others."""
    return [{"id": at, **_row(at)} for at in range(count)]


def _row(at: int) -> dict[str, Any]:
    def of(values: list[Any], step: int = 1) -> Any:
        return values[(at * step + at // len(values)) % len(values)]

    local = of(_TIMES, 3)
    return {
        "k": at % 5 if at % 11 else None,
        "i": of(_INTEGERS),
        "n": of(_BIG),
        "d": of(_DOUBLES),
        "e": of(_DOUBLES, 2),
        "m": of(_DECIMALS),
        "s": of(_TEXTS),
        "day": of([*_DAYS, None]),
        "later": of(_DAYS, 5),
        "came": of(_TIMES),
        "seen": of(_TIMES, 5),
        "local": None if local is None else local.replace(tzinfo=None) + timedelta(hours=1),
        "opens": of(_OPENED),
        "ok": of([True, False, None]),
        "g": None if at % 9 == 0 else {"aqi": of(_INTEGERS), "part": of(_DOUBLES, 2)},
    }
