"""Dates and times: formats, zones, epochs, hour labels, and service-day times past 24:00."""

from __future__ import annotations

from datetime import date

import polars as pl

from citylake.pipelines.conform.bind.bound_column import BoundColumn
from citylake.pipelines.conform.bind.counted_hours import start_from_count, start_from_mark
from citylake.pipelines.conform.bind.elementwise import utc_to_local_days
from citylake.pipelines.conform.bind.label_periods import elapsed_period, start_from_instant, start_from_local
from citylake.pipelines.conform.bind.row_zones import start_in_row_zone
from citylake.pipelines.conform.bind.time_texts import (
    epoch_instants,
    keep_python_years,
    parse_local_times,
    parse_offset_times,
    with_minutes,
)
from citylake.schemas.model.binding_words import ZoneFrom
from citylake.schemas.notation.time_format import EPOCH_TICKS, expand_format, has_offset, split_formats

_FIRST_DAY, _LAST_DAY = date(1, 1, 1), date(9999, 12, 31)


def datetime_expr(bound: BoundColumn) -> pl.Expr:
    """UTC instants (microseconds); the start of the period if the source labels its end.

    A local time that a zone skips is unreadable; a repeated one is the earlier instant, with a warning
    (:mod:`citylake.pipelines.conform.bind.repeated_times`).
    """
    formats = split_formats(bound.binding.format or "%Y-%m-%d %H:%M:%S")
    return keep_python_years(pl.coalesce([_parse_start(bound, form) for form in formats]))


def labelled_instant(bound: BoundColumn, moment: pl.Expr) -> pl.Expr:
    """The instant in the source, from the start of its period."""
    return moment + elapsed_period(bound)


def date_expr(bound: BoundColumn) -> pl.Expr:
    """Calendar dates; of an epoch, the day in the binding's zone."""
    formats = split_formats(bound.binding.format or "%Y-%m-%d")
    return pl.coalesce([_parse_date(pl.col(bound.text), form, bound.zone) for form in formats])


def _parse_date(text: pl.Expr, form: str, zone: str) -> pl.Expr:
    if form in EPOCH_TICKS:
        return utc_to_local_days(epoch_instants(text, form), zone)
    form = expand_format(form)
    if form in ("%Y", "%Y-%m", "%Y%m", "%Y/%m"):
        text, form = text + "-01" * (1 if "m" in form else 2), form + "-%m" * ("m" not in form) + "-%d"
    text, form = with_minutes(text, form)
    day = text.str.to_date(form, strict=False)
    return pl.when(day.is_between(_FIRST_DAY, _LAST_DAY)).then(day)


def time_expr(bound: BoundColumn) -> pl.Expr:
    """Times of day as ``HH:MM:SS``."""
    formats = split_formats(bound.binding.format or "%H:%M:%S")
    return pl.coalesce([_parse_time(pl.col(bound.text), form) for form in formats])


def _parse_time(text: pl.Expr, form: str) -> pl.Expr:
    text, form = with_minutes(text, form)
    return text.str.to_time(form, strict=False).dt.strftime("%H:%M:%S")


def seconds_expr(bound: BoundColumn) -> pl.Expr:
    """``HH:MM:SS`` as seconds since the service day's start; hours may pass 24 (GTFS Schedule, type Time)."""
    text = pl.col(bound.text)
    parts = [text.str.extract(r"^(\d{1,3}):([0-5]\d):([0-5]\d)$", group).cast(pl.Int64) for group in (1, 2, 3)]
    return parts[0] * 3600 + parts[1] * 60 + parts[2]


def _parse_start(bound: BoundColumn, form: str) -> pl.Expr:
    text = pl.col(bound.text)
    if form in EPOCH_TICKS:
        return start_from_instant(bound, epoch_instants(text, form))
    if has_offset(form):
        return start_from_instant(bound, parse_offset_times(text, form))
    if bound.binding.hours:
        return start_from_count(bound, form)
    if marks := bound.binding.repeated:
        return start_from_mark(bound, form, marks)
    local, zone = parse_local_times(text, form), bound.binding.zone
    return start_in_row_zone(bound, local, zone) if isinstance(zone, ZoneFrom) else start_from_local(bound, local)


def local_date_expr(column: str, zone: str, dtype: str) -> pl.Expr:
    """The calendar day of ``column`` in ``zone`` (a date stays itself)."""
    value = pl.col(column)
    return value if dtype == "date" else utc_to_local_days(value, zone)
