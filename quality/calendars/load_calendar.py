"""The calendar of a workspace: by its setting, else by its time zone."""

from __future__ import annotations

from functools import partial

from citylake.quality.calendars.library_years import library_year
from citylake.quality.calendars.work_calendar import HolidayName, WorkCalendar, YearDays, YearSource
from citylake.quality.calendars.zone_country import zone_country
from citylake.schemas.model.calendar_file import CalendarFile, HolidayPeriod
from citylake.schemas.read.calendar_files import read_calendar_files
from citylake.schemas.read.workspace import Workspace


def load_work_calendar(workspace: Workspace) -> WorkCalendar:
    """Return the calendar of ``workspace``: its setting ``calendar``, else the country of its time zone.

    If neither names one, weekdays alone decide. Reads the files below ``calendars/``; a library is loaded when the
    first day is asked about. Raises CALENDAR_UNREADABLE; the calendar's methods raise CALENDAR_UNSUPPORTED.
    """
    settings = workspace.settings
    code = settings.calendar or zone_country(settings.timezone)
    files = read_calendar_files(workspace)
    declared = {year: _year_days(found) for (calendar, year), found in files.items() if calendar == code}
    return WorkCalendar(code, declared, _source(code), settings.timezone)


def _source(code: str) -> YearSource:
    return partial(library_year, code) if code else lambda _year: None


def _year_days(found: CalendarFile) -> YearDays:
    names = {day: _holiday_name(period) for period in found.periods() for day in period.days() if period.name}
    return YearDays(found.holiday_dates(), frozenset(found.workdays), names=names)


def _holiday_name(period: HolidayPeriod) -> HolidayName:
    """A name without a language is shown in both."""
    name = period.name
    return HolidayName(name, name) if isinstance(name, str) or name is None else HolidayName(name.zh, name.en)
