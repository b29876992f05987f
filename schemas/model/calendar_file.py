"""``calendars/*.yaml`` of a workspace: the holidays and adjusted working days of one year."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from citylake.schemas.base.declaration import Declaration, LocalizedText

CalendarCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,4})?$")]
"""A country by ISO 3166-1 (``CN``) or a part of one by ISO 3166-2 (``US-IL``)."""


class HolidayPeriod(Declaration):
    """Days on which nobody works, weekends among them included; both ends are holidays."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")
    name: LocalizedText | str | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.last < self.first:
            raise ValueError("holiday period ends before it begins")
        return self

    def days(self) -> Iterator[date]:
        """Every day of the period."""
        for number in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=number)


class CalendarFile(Declaration):
    """One year of one calendar, complete: all other days are working days from Monday to Friday and weekends.

    It takes the place of what the installed libraries know about the year.
    """

    calendar: CalendarCode
    year: int = Field(ge=1900, le=2200)
    holidays: tuple[date | HolidayPeriod, ...] = ()
    workdays: tuple[date, ...] = ()
    """Adjusted working days: days of a weekend on which people work."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        days = self.holiday_dates()
        if any(day.year != self.year for day in (*days, *self.workdays)):
            raise ValueError("a day of the calendar is not in its year")
        if days & set(self.workdays):
            raise ValueError("a day is both a holiday and an adjusted working day")
        return self

    def holiday_dates(self) -> frozenset[date]:
        """Every holiday of the year."""
        periods = (each.days() if isinstance(each, HolidayPeriod) else (each,) for each in self.holidays)
        return frozenset(day for period in periods for day in period)

    def periods(self) -> Iterator[HolidayPeriod]:
        """The holidays that are written as periods, which may have names."""
        yield from (each for each in self.holidays if isinstance(each, HolidayPeriod))
