"""Work on one morsel of a column at a time, where what the values are like decides which way is cheap.

Each function takes and returns a Series of the same length, row by row, so that plans with them still stream.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import polars as pl

DATETIME = pl.Datetime("us", "UTC")
_NAIVE = pl.Datetime("us")


def elementwise(
    text: pl.Expr, work: Callable[[pl.Series], pl.Series], dtype: pl.DataType | type[pl.DataType]
) -> pl.Expr:
    """``work`` over each morsel of ``text``."""
    return text.map_batches(work, return_dtype=dtype, is_elementwise=True)


def trimmed(text: pl.Expr, sentinels: Sequence[str]) -> pl.Expr:
    """Text without white space around it; null where nothing is left or where it is a sentinel."""
    absent = list(dict.fromkeys(sentinels))

    def work(values: pl.Series) -> pl.Series:
        short = values.str.strip_chars()
        gone = short.str.len_bytes() == 0
        if absent:
            gone = gone | short.is_in(absent)
        # Most morsels hold no such value, and copying text to null nothing is what this step would cost.
        return short.set(gone, None) if gone.any() else short

    return elementwise(text, work, pl.String)


def translated(text: pl.Expr, words: Mapping[str, str]) -> pl.Expr:
    """What ``words`` has for each text; null for what it does not know."""
    old, new = pl.Series(words.keys(), dtype=pl.String), pl.Series(words.values(), dtype=pl.String)

    def work(values: pl.Series) -> pl.Series:
        return values.replace_strict(old, new, default=None, return_dtype=pl.String)

    return elementwise(text, work, pl.String)


def whole_numbers(text: pl.Expr) -> pl.Expr:
    """Int64; ``12.0`` is twelve, ``12.5`` is null."""

    def work(values: pl.Series) -> pl.Series:
        plain = values.cast(pl.Int64, strict=False)
        if plain.null_count() == values.null_count():
            return plain
        number = values.cast(pl.Float64, strict=False)
        whole = number.is_finite() & (number == number.floor()) & (number.abs() < 2**53)
        rest = number.set(~whole.fill_null(value=False), None).cast(pl.Int64)
        return plain.zip_with(plain.is_not_null(), rest)

    return elementwise(text, work, pl.Int64)


def local_times(text: pl.Expr, form: str) -> pl.Expr:
    """Times without a zone. Hour 24 is the next day's hour 0, as feeds that label hours by their end write it."""

    def work(values: pl.Series) -> pl.Series:
        read = values.str.to_datetime(form, strict=False, time_unit="us")
        if read.null_count() == values.null_count() or "%H" not in form:
            return read
        late = values.str.replace(r"(^|\D)24(\D*00.*)$", "${1}00${2}")
        again = late.str.to_datetime(form, strict=False, time_unit="us") + timedelta(days=1)
        return read.zip_with(read.is_not_null() | (late == values).fill_null(value=True), again)

    return elementwise(text, work, _NAIVE)


def in_zone(local: pl.Expr, zone: str) -> pl.Expr:
    """Local times as UTC instants. A time that the zone skips is null; of one that it repeats, the earlier."""

    def work(values: pl.Series) -> pl.Series:
        offset = _offset(values.cast(_NAIVE), zone)
        if offset is not None:
            return (values.cast(_NAIVE) - offset).dt.replace_time_zone("UTC")
        known = values.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        return known.dt.convert_time_zone("UTC")

    return elementwise(local, work, DATETIME)


def local_days(moment: pl.Expr, zone: str) -> pl.Expr:
    """The calendar day of UTC instants in ``zone``."""

    def work(values: pl.Series) -> pl.Series:
        plain = values.dt.replace_time_zone(None)
        offset = _offset(plain, zone)
        shifted = values.dt.convert_time_zone(zone) if offset is None else plain + offset
        return shifted.dt.date()

    return elementwise(moment, work, pl.Date)


def _offset(values: pl.Series, zone: str) -> timedelta | None:
    """The zone's offset from UTC if it has one only from a day before the first value to a day after the last."""
    first, last = values.min(), values.max()
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return timedelta(0)
    if first.year < 1900 or last.year > 2100:
        return None
    return _only_offset(first.date(), last.date(), zone)


@cache
def _only_offset(first: date, last: date, zone: str) -> timedelta | None:
    # No zone has kept an offset for less than a week, so looking once a week misses no change.
    info, day, end = ZoneInfo(zone), first - timedelta(days=1), last + timedelta(days=1)
    found = {_offset_at(info, end)}
    while day < end and len(found) == 1:
        found.add(_offset_at(info, day))
        day += timedelta(days=7)
    return found.pop() if len(found) == 1 else None


def _offset_at(info: ZoneInfo, day: date) -> timedelta | None:
    return datetime(day.year, day.month, day.day, tzinfo=info).utcoffset()
