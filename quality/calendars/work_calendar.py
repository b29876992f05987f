"""The kind of each day, and the arithmetic of working days."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from citylake.schemas.read.calendar_files import calendar_file_name
from citylake.schemas.words.errors import Problem

SATURDAY = 5


class DayKind(StrEnum):
    """What a day is for people who work by the calendar."""

    WORKDAY = "workday"
    ADJUSTED_WORKDAY = "adjusted workday"
    """A day of a weekend on which people work, because a holiday took another day."""
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class HolidayName:
    """The name of a holiday; None in a language in which neither the calendar nor the library has one."""

    zh: str | None = None
    en: str | None = None


@dataclass(frozen=True, slots=True)
class YearDays:
    """One year of a calendar: its holidays, adjusted working days, and the weekdays of a weekend (Monday is 0)."""

    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()
    weekend: frozenset[int] = frozenset({SATURDAY, SATURDAY + 1})
    names: Mapping[date, HolidayName] = field(default_factory=dict, hash=False)
    """The names of holidays, as far as they have one."""

    def kind(self, day: date) -> DayKind:
        """Return the kind of a day of this year."""
        if day in self.workdays:
            return DayKind.ADJUSTED_WORKDAY
        if day in self.holidays:
            return DayKind.HOLIDAY
        return DayKind.WEEKEND if day.weekday() in self.weekend else DayKind.WORKDAY


WEEKDAYS_ONLY = YearDays()
"""A year of which nothing is known."""
YearSource = Callable[[int], YearDays | None]
"""Gives a year of a calendar, or None if it does not know the year."""


def _nothing_known(_year: int) -> YearDays | None:
    return None


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The working days of one country or city.

    ``code``: such as ``CN`` or ``US-IL``; empty if neither the workspace nor its time zone names one. ``declared``: the
    years of the workspace's files, which override ``source``. In a year that neither knows, the weekdays alone decide.
    """

    code: str = ""
    declared: Mapping[int, YearDays] = field(default_factory=dict)
    source: YearSource = _nothing_known
    timezone: str = ""
    _years: dict[int, YearDays | None] = field(default_factory=dict, repr=False, compare=False)
    _added: dict[tuple[date, int], date] = field(default_factory=dict, repr=False, compare=False)
    """What :meth:`add_workdays` has answered: the rows of all datasets are due by the same few days."""

    def day_kind(self, day: date) -> DayKind:
        """Return the kind of ``day``; by its weekday alone if its year is unknown."""
        return (self._year(day.year) or WEEKDAYS_ONLY).kind(day)

    def holiday_name(self, day: date) -> HolidayName:
        """Return the name of the holiday that ``day`` is; without texts if it is none, or has no name."""
        year = self._year(day.year)
        return year.names.get(day, HolidayName()) if year else HolidayName()

    def is_workday(self, day: date) -> bool:
        """Whether people work on ``day``: a working day, an adjusted one included."""
        return self.day_kind(day) in (DayKind.WORKDAY, DayKind.ADJUSTED_WORKDAY)

    def known(self, day: date) -> bool:
        """Whether the holidays of the day's year are known."""
        return self._year(day.year) is not None

    def add_workdays(self, day: date, n: int) -> date:
        """Return the ``n``-th working day after ``day`` (before it, if ``n`` is negative); ``day`` itself for 0."""
        if (day, n) not in self._added:
            self._added[day, n] = self._walk(day, n)
        return self._added[day, n]

    def _walk(self, day: date, n: int) -> date:
        step = timedelta(days=1 if n > 0 else -1)
        for _ in range(abs(n)):
            day += step
            while not self.is_workday(day):
                day += step
        return day

    def unknown_years(self, days: Iterable[date]) -> list[int]:
        """Return the years of ``days`` whose holidays are unknown, sorted."""
        return sorted({day.year for day in days if not self.known(day)})

    def notice(self, days: Iterable[date]) -> Problem | None:
        """Return CALENDAR_UNKNOWN or CALENDAR_UNSET if weekdays alone decide about some of ``days``, else None."""
        years = self.unknown_years(days)
        if not years:
            return None
        if not self.code:
            return Problem("CALENDAR_UNSET", {"timezone": self.timezone or "—"})
        files = ", ".join(calendar_file_name(self.code, year) for year in years)
        return Problem("CALENDAR_UNKNOWN", {"calendar": self.code, "years": ", ".join(map(str, years)), "file": files})

    def _year(self, year: int) -> YearDays | None:
        if year not in self._years:
            self._years[year] = self.declared.get(year) or self.source(year)
        return self._years[year]
