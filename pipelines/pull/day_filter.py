"""Selection of files by the days of a run."""

from __future__ import annotations

import re
from datetime import date, datetime

from citylake.pipelines.records import Run

DAY_FIELD = "day"
"""The group of ``name_fields`` that dates a file: ``20260301`` or ``2026-03-01``."""
_FORMATS = ("%Y%m%d", "%Y-%m-%d", "%Y_%m_%d")


def matches_run_days(name: str, name_fields: str | None, run: Run) -> bool:
    """Whether the day in the file name ``name`` is within the run's days; True if the name has no day."""
    if run.day_from is None and run.day_to is None:
        return True
    day = day_in_name(name, name_fields)
    if day is None:
        return True
    return (run.day_from or day) <= day <= (run.day_to or day)


def day_in_name(name: str, name_fields: str | None) -> date | None:
    """The day in the file name ``name``; None if ``name_fields`` has no group ``day``, or it is no day."""
    found = re.search(name_fields, name) if name_fields else None
    text = found.groupdict().get(DAY_FIELD) if found else None
    for form in _FORMATS if text else ():
        try:
            return datetime.strptime(str(text), form).date()  # noqa: DTZ007 (a calendar day has no zone)
        except ValueError:
            continue
    return None
