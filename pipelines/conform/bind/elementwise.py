"""Functions on one column that expressions do not offer, or not as cheaply.

Each function takes and returns a Series of the same length, row by row, so that plans with them still stream.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo

import polars as pl

UTC_DATETIME = pl.Datetime("us", "UTC")
_NAIVE_DATETIME = pl.Datetime("us")
Repeated = Literal["earliest", "latest"]
"""Which instant a local time is that the zone repeats."""
_TICK = timedelta(microseconds=1)


def map_elementwise(
    text: pl.Expr, work: Callable[[pl.Series], pl.Series], dtype: pl.DataType | type[pl.DataType]
) -> pl.Expr:
    """``work`` over each morsel of ``text``."""
    return text.map_batches(work, return_dtype=dtype, is_elementwise=True)


def divide_exact(number: pl.Expr, by: int) -> pl.Expr:
    """Float64, each quotient rounded once: polars multiplies by the reciprocal, which rounds twice (12 / 10 ≠ 1.2)."""

    def work(values: pl.Series) -> pl.Series:
        quotients = pl.Series(values.name, values.to_numpy() / by)
        return quotients.set(values.is_null(), None) if values.null_count() else quotients

    return map_elementwise(number, work, pl.Float64)


def local_to_utc(local: pl.Expr, zone: str, *, is_limit: bool = False, ambiguous: Repeated = "earliest") -> pl.Expr:
    """Local times as UTC instants. A time that the zone skips is null; a repeated one is the ``ambiguous`` instant.

    ``is_limit``: the first time that the zone skips is the instant of the change, because there a period ends or
    begins.
    """

    def work(values: pl.Series) -> pl.Series:
        offset = _single_offset(values.cast(_NAIVE_DATETIME), zone)
        if offset is not None:
            return (values.cast(_NAIVE_DATETIME) - offset).dt.replace_time_zone("UTC")
        known = values.dt.replace_time_zone(zone, ambiguous=ambiguous, non_existent="null")
        if is_limit and known.null_count() > values.null_count():
            before = (values - _TICK).dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
            known = known.zip_with(known.is_not_null(), before + _TICK)
        return known.dt.convert_time_zone("UTC")

    return map_elementwise(local, work, UTC_DATETIME)


def utc_to_local(moment: pl.Expr, zone: str) -> pl.Expr:
    """UTC instants as local times in ``zone``, without the zone."""
    return moment.dt.convert_time_zone(zone).dt.replace_time_zone(None)


def utc_to_local_days(moment: pl.Expr, zone: str) -> pl.Expr:
    """The calendar day of UTC instants in ``zone``."""

    def work(values: pl.Series) -> pl.Series:
        plain = values.dt.replace_time_zone(None)
        offset = _single_offset(plain, zone)
        shifted = values.dt.convert_time_zone(zone) if offset is None else plain + offset
        return shifted.dt.date()

    return map_elementwise(moment, work, pl.Date)


def _single_offset(values: pl.Series, zone: str) -> timedelta | None:
    """The zone's offset from UTC if it has one only from a day before the first value to a day after the last."""
    first, last = values.min(), values.max()
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return timedelta(0)
    if first.year < 1900 or last.year > 2100:
        return None
    return _scan_offsets(first.date(), last.date(), zone)


@cache
def _scan_offsets(first: date, last: date, zone: str) -> timedelta | None:
    # No zone has had an offset for less than a week, so one sample per week misses no change.
    info, day, end = ZoneInfo(zone), first - timedelta(days=1), last + timedelta(days=1)
    found = {_offset_at(info, end)}
    while day < end and len(found) == 1:
        found.add(_offset_at(info, day))
        day += timedelta(days=7)
    return found.pop() if len(found) == 1 else None


def _offset_at(info: ZoneInfo, day: date) -> timedelta | None:
    return datetime(day.year, day.month, day.day, tzinfo=info).utcoffset()
