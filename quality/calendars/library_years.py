"""Years of calendars from the libraries ``chinesecalendar`` (by the State Council's notices) and ``holidays``."""

from __future__ import annotations

from datetime import date
from typing import Any

from citylake.quality.calendars.work_calendar import HolidayName, YearDays
from citylake.schemas.read.supported_calendars import unsupported_calendar
from citylake.schemas.words.errors import CitylakeError

CHINA = "CN"


def library_year(code: str, year: int) -> YearDays | None:
    """Return a year of the calendar ``code``; None if the library does not know it. Raises CALENDAR_UNSUPPORTED."""
    return _chinese_year(year) if code == CHINA else _country_year(code, year)


def _chinese_year(year: int) -> YearDays | None:
    import chinese_calendar  # type: ignore[import-untyped]

    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        # The notice for a year is published in autumn of the year before it; the library follows with a release.
        return None
    holidays, workdays = chinese_calendar.holidays, chinese_calendar.workdays
    chinese = {each.value: each.chinese for each in chinese_calendar.Holiday}
    days = _of_year(holidays, year)
    names = {day: HolidayName(chinese.get(holidays[day]), holidays[day]) for day in days}
    return YearDays(days, _of_year(workdays, year), names=names)


def _of_year(days: dict[date, str], year: int) -> frozenset[date]:
    return frozenset(day for day in days if day.year == year)


def _country_year(code: str, year: int) -> YearDays | None:
    import holidays

    country, _, part = code.partition("-")
    try:
        found = holidays.country_holidays(country, subdiv=part or None, years=year)
    except NotImplementedError as error:
        values = unsupported_calendar(code) or {"calendar": code, "suggestion": "–"}
        raise CitylakeError("CALENDAR_UNSUPPORTED", **values) from error
    if not found.start_year <= year <= found.end_year:
        return None
    week = [date(year, 7, day) for day in range(1, 8)]
    return YearDays(
        holidays=frozenset(found),
        workdays=frozenset(found.weekend_workdays),
        weekend=frozenset(day.weekday() for day in week if found.is_weekend(day)),
        names=_names(found, country, part, year),
    )


def _names(found: Any, country: str, part: str, year: int) -> dict[date, HolidayName]:
    """The library's names in Chinese and in English, as far as it has them; names in other languages are left out."""
    import holidays

    texts: dict[str, Any] = {}
    for ours, theirs in (("zh", "zh_CN"), ("en", "en_US")):
        if theirs in found.supported_languages:
            texts[ours] = holidays.country_holidays(country, subdiv=part or None, years=year, language=theirs)
    own = str(found.default_language or "en")[:2]
    if own in ("zh", "en"):
        texts.setdefault(own, found)
    return {day: HolidayName(**{ours: names.get(day) for ours, names in texts.items()}) for day in found}
