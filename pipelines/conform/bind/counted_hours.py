"""Hours that a source numbers or marks, so that each of the 23 or 25 hours of a day has a name of its own."""

from __future__ import annotations

import re

import polars as pl

from citylake.pipelines.conform.bind.bound_column import BoundColumn
from citylake.pipelines.conform.bind.elementwise import local_to_utc, utc_to_local_days
from citylake.pipelines.conform.bind.label_periods import label_shift, start_from_local
from citylake.pipelines.conform.bind.time_texts import hour_pattern, parse_local_times


def start_from_count(bound: BoundColumn, form: str) -> pl.Expr:
    """The period's start from a day and the number of hours since its midnight (``hours: elapsed``).

    With ``label: end`` the hours are 1 … 23 on the day on which clocks go forward and 1 … 25 when they go back. An hour
    that the day does not have is null.
    """
    text, pattern = pl.col(bound.text), hour_pattern(form, r"\d{1,2}")
    if pattern is None:
        return start_from_local(bound, parse_local_times(text, form))
    hours = text.str.extract_groups(pattern).struct.field("hour").cast(pl.Int64)
    midnight = parse_local_times(text.str.replace(pattern, "${before}00${after}"), form)
    start = local_to_utc(midnight, bound.zone, is_limit=True) + pl.duration(hours=hours) - label_shift(bound)
    return pl.when(utc_to_local_days(start, bound.zone) == midnight.dt.date()).then(start)


def start_from_mark(bound: BoundColumn, form: str, marks: tuple[str, str]) -> pl.Expr:
    """The period's start from a local time whose repeated hours have marks after them: ``2A``, ``2B`` (``repeated``).

    Null for the second of an hour that the day has once, and for a repeated hour without its mark.
    """
    text = pl.col(bound.text)
    local = parse_local_times(text.str.replace(_mark_pattern(*marks), "${1}"), form)
    first = start_from_local(bound, local)
    second = start_from_local(bound, local, ambiguous="latest")
    is_second = text.str.contains(_mark_pattern(marks[1]))
    is_first = text.str.contains(_mark_pattern(marks[0])) if marks[0] else ~is_second
    return (
        pl.when(is_second & (second != first))
        .then(second)
        .when(~is_second & (is_first | (second == first)))
        .then(first)
    )


def _mark_pattern(*marks: str) -> str:
    """A digit, one of the ``marks``, and no further letter."""
    return rf"(\d)\s*(?:{'|'.join(re.escape(mark) for mark in marks if mark)})(?:\b|$)"
