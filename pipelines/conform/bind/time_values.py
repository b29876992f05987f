"""Dates and times: formats, zones, epochs, hour labels, and service-day times past 24:00."""

from __future__ import annotations

import polars as pl

from citylake.pipelines.conform.bind.bound_column import BoundColumn
from citylake.pipelines.conform.bind.elementwise import UTC_DATETIME, local_to_utc, parse_local_times, utc_to_local_days
from citylake.schemas.words.errors import CitylakeError

_TICKS = {"epoch_s": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1}


def datetime_expr(bound: BoundColumn) -> pl.Expr:
    """UTC instants (microseconds); the start of the period if the source labels its end.

    A local time that a zone skips is unreadable; a repeated one is the earlier instant, with a warning
    (:mod:`citylake.pipelines.conform.bind.repeated_times`).
    """
    formats = (bound.binding.format or "%Y-%m-%d %H:%M:%S").split("||")
    moment = pl.coalesce([_parse_instant(pl.col(bound.text), form.strip(), bound.zone) for form in formats])
    if bound.binding.label == "end":
        moment = moment - _fixed_duration(_label_period(bound))
    return moment


def labelled_instant(bound: BoundColumn, moment: pl.Expr) -> pl.Expr:
    """The instant in the source, from the start of its period."""
    return moment + _fixed_duration(_label_period(bound)) if bound.binding.label == "end" else moment


def date_expr(bound: BoundColumn) -> pl.Expr:
    """Calendar dates."""
    formats = (bound.binding.format or "%Y-%m-%d").split("||")
    return pl.coalesce([_parse_date(pl.col(bound.text), form.strip()) for form in formats])


def _parse_date(text: pl.Expr, form: str) -> pl.Expr:
    if form in ("%Y", "%Y-%m", "%Y%m", "%Y/%m"):
        text, form = text + "-01" * (1 if "m" in form else 2), form + "-%m" * ("m" not in form) + "-%d"
    return text.str.to_date(form, strict=False)


def time_expr(bound: BoundColumn) -> pl.Expr:
    """Times of day as ``HH:MM:SS``."""
    return pl.col(bound.text).str.to_time(bound.binding.format or "%H:%M:%S", strict=False).dt.strftime("%H:%M:%S")


def seconds_expr(bound: BoundColumn) -> pl.Expr:
    """``HH:MM:SS`` as seconds since the service day's start; hours may pass 24 (GTFS Schedule, type Time)."""
    text = pl.col(bound.text)
    parts = [text.str.extract(r"^(\d{1,3}):([0-5]\d):([0-5]\d)$", group).cast(pl.Int64) for group in (1, 2, 3)]
    return parts[0] * 3600 + parts[1] * 60 + parts[2]


def _parse_instant(text: pl.Expr, form: str, zone: str) -> pl.Expr:
    if form in _TICKS:
        return (
            (text.cast(pl.Float64, strict=False) * _TICKS[form]).round().cast(pl.Int64, strict=False).cast(UTC_DATETIME)
        )
    if "%z" in form:
        zoned = text.str.replace(r"[Zz]$", "+00:00")
        return zoned.str.to_datetime(form, strict=False, time_unit="us", time_zone="UTC")
    if "%H" in form and "%M" not in form:
        text, form = text + ":00", form + ":%M"
    return local_to_utc(parse_local_times(text, form), zone)


def _label_period(bound: BoundColumn) -> str:
    period = bound.binding.period or bound.element.period
    if period is None:
        raise CitylakeError(
            "LABEL_WITHOUT_PERIOD", field=bound.column, element=bound.element.id, suggestion="period: 1h"
        )
    return period


def _fixed_duration(text: str) -> pl.Expr:
    unit = text.lstrip("0123456789")
    amount = int(text.removesuffix(unit))
    match unit:
        case "s":
            return pl.duration(seconds=amount)
        case "m":
            return pl.duration(minutes=amount)
        case "h":
            return pl.duration(hours=amount)
        case "d":
            return pl.duration(days=amount)
        case "w":
            return pl.duration(weeks=amount)
    raise CitylakeError("PERIOD_NOT_FIXED", period=text)


def local_date_expr(column: str, zone: str, dtype: str) -> pl.Expr:
    """The calendar day of ``column`` in ``zone`` (a date stays itself)."""
    value = pl.col(column)
    return value if dtype == "date" else utc_to_local_days(value, zone)
