"""Calendars: which days are working days, weekends and holidays, so that a day is compared with days of its kind."""

from citylake.quality.calendars.load_calendar import load_work_calendar
from citylake.quality.calendars.work_calendar import DayKind, WorkCalendar

__all__ = ["DayKind", "WorkCalendar", "load_work_calendar"]
