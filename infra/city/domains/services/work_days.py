"""The calendar by which the city's offices work."""

from __future__ import annotations

from functools import cache

from citylake.infra.city.whitepaper.paper_system import WHITEPAPER_WORKSPACE
from citylake.quality.calendars import WorkCalendar, load_work_calendar
from citylake.schemas.read.workspace import Workspace


@cache
def work_calendar() -> WorkCalendar:
    """The calendar of the workspace."""
    return load_work_calendar(Workspace(WHITEPAPER_WORKSPACE))
