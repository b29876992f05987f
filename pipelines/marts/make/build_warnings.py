"""What a build has to tell of days that a department is late with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from citylake.pipelines.marts.make.wait_policy import WaitPolicy, earliest_deadline
from citylake.pipelines.records import DataGap
from citylake.schemas.words.errors import Problem


def incomplete_day_warnings(mart: str, gaps: tuple[DataGap, ...]) -> list[Problem]:
    """Which days a version has without some department's rows."""
    values = ({"department": gap.department, "dataset": gap.dataset, "days": _spans(gap)} for gap in gaps)
    return [Problem("MART_INCOMPLETE", {"mart": mart, **each}) for each in values]


def waiting_day_warnings(mart: str, held: Mapping[date, datetime], waits: WaitPolicy) -> list[Problem]:
    """Which days wait, for which datasets, and until when."""
    if not held:
        return []
    names = sorted({name for day in held for name in waits.missing[day]})
    until = earliest_deadline(held, waits).astimezone(waits.zone)
    values = {
        "mart": mart,
        "days": ", ".join(day.isoformat() for day in sorted(held)),
        "datasets": ", ".join(names),
        "until": f"{until:%Y-%m-%d %H:%M}",
    }
    return [Problem("MART_WAITS", values)]


def _spans(gap: DataGap) -> str:
    return ", ".join(f"{first}" if first == last else f"{first} … {last}" for first, last in gap.days)
