"""What a field's values look like: shares of numbers, dates, times, geometries and addresses of pages, and lengths."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

_NOTHING = frozenset(
    "- -- — —— / \\ * na n/a nan null none nil -9999 -999 999999 9999 -; 无 暂无 空 未知 不详 无数据 缺测".split()  # noqa: SIM905
) | {""}
_NUMBER = re.compile(r"[<>≤≥~]?[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?(?:[eE][+-]?\d+)?%?|[+-]?\d+,\d+|[+-]?\.\d+")
_NUMBER_UNIT = re.compile(r"[+-]?\d+(?:\.\d+)?\s?[^\d\s.,:;/年月日-][^\d,:;]{0,9}")
_DAY = re.compile(
    r"(?P<y>\d{4})(?:-|/|\.|年)(?P<m>\d{1,2})(?:-|/|\.|月)(?P<d>\d{1,2})日?"
    r"|(?P<a>\d{1,2})(?:/|-|\.)(?P<b>\d{1,2})(?:/|-|\.)(?P<z>\d{4})"
    r"|(?P<Y>\d{4})(?P<M>\d{2})(?P<D>\d{2})"
)
_CLOCK = re.compile(r"\d{1,3}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s?[AaPp][Mm])?|\d{1,2}时(?:\d{1,2}分)?")
_REST = re.compile(
    r"[T\s]*(?:\d{1,2}(?::\d{2}(?::\d{2}(?:\.\d+)?)?)?(?:\s?[AaPp][Mm])?|\d{1,2}时(?:\d{1,2}分(?:\d{1,2}秒)?)?)"
    r"\s?(?:Z|[+-]\d{2}:?\d{2}|UTC)?"
)
_PACKED = re.compile(r"(\d{8})(\d{2})(?:(\d{2})(\d{2})?)?")
_FULL_HOUR = re.compile(r"[T\s]\d{1,2}(?::00(?::00(?:\.0+)?)?|时)?\s?(?:Z|[+-]\d{2}:?\d{2})?$|^\d{10}(?:0000|00)?$")
_PERIOD = re.compile(r"(?:18|19|20)\d{2}(?:[-/.年]?(?:0?[1-9]|1[0-2])月?|年)?")
_EPOCH = re.compile(r"1\d{9}(?:\d{3})?")
_GEOMETRY = re.compile(
    r'(?:SRID=\d+;)?\s*(?:MULTI)?(?:POINT|LINESTRING|POLYGON)|GEOMETRYCOLLECTION|\{"type":\s*"|0[01]0[0-9A-F]{8}',
    re.IGNORECASE,
)
_EXAMINED = 150
"""Values that are examined: more would say the same."""
_YEARS = (1850, 2150)


@dataclass(frozen=True)
class ValueProfile:
    """Distinct values without those that stand for none; every share is of these."""

    values: tuple[str, ...]

    @classmethod
    def of(cls, values: Sequence[str]) -> ValueProfile:
        """The profile of a field's values."""
        texts = (value.strip() for value in values)
        stated = dict.fromkeys(text for text in texts if text.casefold() not in _NOTHING)
        return cls(tuple(stated)[:_EXAMINED])

    def share(self, good: Callable[[str], object]) -> float:
        """The share of the values for which ``good`` is true; 0 without values."""
        return sum(1 for value in self.values if good(value)) / len(self.values) if self.values else 0.0

    @cached_property
    def folded(self) -> frozenset[str]:
        """The values in lower case."""
        return frozenset(value.casefold() for value in self.values)

    @cached_property
    def digits_share(self) -> float:
        """The share of values that are digits only."""
        return self.share(str.isdecimal)

    @cached_property
    def numbers(self) -> tuple[float, ...]:
        """The values that are numbers, in their order."""
        return tuple(number for value in self.values if (number := _read_number(value)) is not None)

    @cached_property
    def number_share(self) -> float:
        """The share of numbers, also with a unit behind them."""
        return self.share(lambda text: _NUMBER.fullmatch(text) or _NUMBER_UNIT.fullmatch(text))

    @cached_property
    def whole_share(self) -> float:
        """The share of whole numbers among the numbers."""
        return sum(1 for number in self.numbers if number == int(number)) / max(len(self.numbers), 1)

    @cached_property
    def fraction_share(self) -> float:
        """The share of numbers with digits other than 0 behind the point."""
        return self.number_share * (1 - self.whole_share) if self.numbers else 0.0

    @cached_property
    def date_share(self) -> float:
        """The share of days."""
        return self.share(_is_day)

    @cached_property
    def period_share(self) -> float:
        """The share of years and months."""
        return self.share(_PERIOD.fullmatch)

    @cached_property
    def datetime_share(self) -> float:
        """The share of days with a time of day."""
        return self.share(_is_datetime)

    @cached_property
    def full_hour_share(self) -> float:
        """The share of times that are full hours."""
        return self.share(_FULL_HOUR.search)

    @cached_property
    def clock_share(self) -> float:
        """The share of times of day without a day."""
        return self.share(_CLOCK.fullmatch)

    @cached_property
    def epoch_share(self) -> float:
        """The share of digits that may count seconds or milliseconds since 1970; numbers of things do, too."""
        return self.share(_EPOCH.fullmatch)

    @cached_property
    def geometry_share(self) -> float:
        """The share of geometries (WKT, WKB, GeoJSON)."""
        return self.share(_GEOMETRY.match)

    @cached_property
    def padded_share(self) -> float:
        """The share of digits that begin with 0: a number of a thing, not a quantity."""
        return self.share(lambda text: len(text) > 1 and text.isdecimal() and text[0] == "0")

    @cached_property
    def lengths(self) -> tuple[int, ...]:
        """The length of each value, in characters."""
        return tuple(map(len, self.values))


def _read_number(text: str) -> float | None:
    found = _NUMBER.fullmatch(text)
    if found is None:
        unit = _NUMBER_UNIT.fullmatch(text)
        leading = re.match(r"[+-]?\d+(?:\.\d+)?", text) if unit else None
        return float(leading.group()) if leading else None
    bare = text.strip("<>≤≥~%")
    bare = bare.replace(",", ".") if re.fullmatch(r"[+-]?\d+,\d{1,2}", bare) else bare.replace(",", "")
    return float(bare)


def _is_day(text: str) -> bool:
    found = _DAY.fullmatch(text)
    return found is not None and _is_date(found)


def _is_date(found: re.Match[str]) -> bool:
    parts = found.groupdict()
    year = int(parts["y"] or parts["z"] or parts["Y"])
    month, day = int(parts["m"] or parts["a"] or parts["M"]), int(parts["d"] or parts["b"] or parts["D"])
    if parts["z"] and month > 12:
        month, day = day, month
    return _YEARS[0] <= year <= _YEARS[1] and 1 <= month <= 12 and 1 <= day <= _month_days(year, month)


def _month_days(year: int, month: int) -> int:
    return 31 if month == 12 else (date(year, month + 1, 1) - date(year, month, 1)).days


def _is_datetime(text: str) -> bool:
    packed = _PACKED.fullmatch(text)
    if packed is not None:
        hour, minute, second = (int(part or 0) for part in packed.groups()[1:])
        return _is_day(packed[1]) and hour < 25 and minute < 60 and second < 60
    found = _DAY.match(text)
    if found is None or found.end() == len(text) or not _is_date(found):
        return False
    return _REST.fullmatch(text, found.end()) is not None
