"""The working days of a workspace, as mart functions ask for them."""

from __future__ import annotations

from datetime import date
from functools import cache

from citylake.pipelines.marts.functions.function_api import WorkdayTest
from citylake.quality.calendars import WorkCalendar, load_work_calendar
from citylake.schemas.read.workspace import Workspace


def workspace_days(workspace: Workspace) -> WorkdayTest:
    """Whether a day is a working day of ``workspace``; None if its calendar does not know the year.

    The calendar is read when the first day is asked about. Raises what its reading and its methods raise.
    """

    @cache
    def calendar() -> WorkCalendar:
        return load_work_calendar(workspace)

    def is_workday(day: date) -> bool | None:
        return calendar().is_workday(day) if calendar().known(day) else None

    return is_workday
