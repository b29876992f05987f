"""Which earlier days a day is compared with: the same weekday, or the same kind of day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from citylake.quality.calendars import DayKind, WorkCalendar

WEEKDAY_WEEKS = 8
"""Days of the same weekday (and holidays) are looked for in so many weeks before the day."""
KIND_WEEKS = 4
"""Days of the same kind are looked for in so many weeks if there are too few of the same weekday."""


def find_like_days(calendar: WorkCalendar, day: date, known: Iterable[date], least: int) -> list[date]:
    """Return the ``known`` days that ``day`` is compared with, oldest first; at least ``least``, or all that there are.

    A working day is compared with working days of its weekday, a day of a weekend likewise; an adjusted working day
    with working days, a holiday with holidays. If fewer than ``least`` days of the weekday are known, all days of the
    kind in the last ``KIND_WEEKS`` weeks count: two weeks of history are then enough for a working day.
    """
    kind = _group(calendar.day_kind(day))
    span = timedelta(weeks=WEEKDAY_WEEKS)
    same = sorted(
        other for other in known if timedelta() < day - other <= span and _group(calendar.day_kind(other)) == kind
    )
    if kind is DayKind.HOLIDAY:
        return same
    weekday = [other for other in same if _slot(calendar, other) == _slot(calendar, day)]
    if len(weekday) >= least:
        return weekday
    return [other for other in same if day - other <= timedelta(weeks=KIND_WEEKS)]


def _group(kind: DayKind) -> DayKind:
    return DayKind.WORKDAY if kind is DayKind.ADJUSTED_WORKDAY else kind


def _slot(calendar: WorkCalendar, day: date) -> int | None:
    """The weekday by which a day is compared; an adjusted working day has none."""
    return None if calendar.day_kind(day) is DayKind.ADJUSTED_WORKDAY else day.weekday()
