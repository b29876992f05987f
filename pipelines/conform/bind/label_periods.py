"""The start of a period that a source labels by its end.

Hours, minutes and seconds are elapsed time. Days, weeks, months and years are those of the calendar in the zone, so a
day in which clocks change has 23 or 25 hours. Hours that are columns of the source are clock hours: the table has a
column for the hour that the clocks skip, which is no time.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from citylake.pipelines.conform.bind.bound_column import BoundColumn
from citylake.pipelines.conform.bind.elementwise import Repeated, local_to_utc, utc_to_local
from citylake.pipelines.conform.bind.time_texts import keep_local_years, keep_python_years
from citylake.schemas.base.declaration import is_calendar_period, parse_duration
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    import polars as pl


def start_from_local(bound: BoundColumn, local: pl.Expr, *, ambiguous: Repeated = "earliest") -> pl.Expr:
    """The period's start as an instant, from the local time in the source.

    A local time that the zone skips is null, except the first one where it is the limit of a period: a day may begin,
    and an hour may end, at the very instant at which the clocks go forward.
    """
    period = _period(bound)
    if period and is_calendar_period(period):
        limit = _shift_back(local, period) if bound.binding.label == "end" else local
        return local_to_utc(keep_local_years(limit), bound.zone, is_limit=True)
    if period is None or bound.binding.label != "end":
        return local_to_utc(local, bound.zone, ambiguous=ambiguous)
    if bound.clock_hours:
        return local_to_utc(keep_local_years(_shift_back(local, period)), bound.zone, ambiguous=ambiguous)
    return local_to_utc(local, bound.zone, is_limit=True) - parse_duration(period)


def start_from_instant(bound: BoundColumn, moment: pl.Expr) -> pl.Expr:
    """The period's start as an instant, from the instant in the source."""
    period = _period(bound)
    if period is None or bound.binding.label != "end":
        return moment
    if not is_calendar_period(period):
        return moment - parse_duration(period)
    local = _shift_back(utc_to_local(keep_python_years(moment), bound.zone), period)
    return local_to_utc(keep_local_years(local), bound.zone, is_limit=True)


def elapsed_period(bound: BoundColumn) -> timedelta:
    """The time from the start of the period to the time in the source; zero if it has no fixed length."""
    return timedelta(0) if bound.clock_hours else label_shift(bound)


def label_shift(bound: BoundColumn) -> timedelta:
    """By how much the label is later than the start of the period, if that is elapsed time."""
    period = _period(bound)
    if period is None or bound.binding.label != "end" or is_calendar_period(period):
        return timedelta(0)
    return parse_duration(period)


def has_calendar_period(bound: BoundColumn) -> bool:
    """Whether the times in the source are limits of calendar days, weeks, months or years."""
    period = _period(bound)
    return period is not None and is_calendar_period(period)


def _shift_back(local: pl.Expr, period: str) -> pl.Expr:
    return local.dt.offset_by("-" + period)


def _period(bound: BoundColumn) -> str | None:
    """The period's length; None without a label. Raises LABEL_WITHOUT_PERIOD."""
    if bound.binding.label is None:
        return None
    period = bound.binding.period or bound.element.period
    if period is None and bound.binding.label == "end":
        raise CitylakeError(
            "LABEL_WITHOUT_PERIOD", field=bound.column, element=bound.element.id, suggestion="period: 1h"
        )
    return period
