"""The days that a run covers."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


def run_days(
    partition_key: str | None, run_after: datetime, cron: str | None, zone: str, late_days: int, *, by_clock: bool
) -> tuple[str, str] | None:
    """First and last day, ``yyyy-mm-dd``: the days from the partition to the next tick, and ``late_days`` before them.

    A partition key begins with its day, in the local time of ``zone``. A late run ``by_clock`` also covers the days
    since then, because missed ticks have no runs of their own. None if the run has no partition: it pulls everything.
    """
    if partition_key is None:
        return None
    day = date.fromisoformat(partition_key[:10])
    last = max(day, _next_tick(cron, day) - _DAY if cron else day)
    if by_clock:
        last = max(last, run_after.astimezone(ZoneInfo(zone)).date() - _DAY)
    return (day - timedelta(days=late_days)).isoformat(), last.isoformat()


def _next_tick(cron: str, day: date) -> date:
    from croniter import croniter

    end_of_day = datetime.combine(day, time.max.replace(microsecond=0))
    tick: datetime = croniter(cron, end_of_day).get_next(datetime)
    return tick.date()


def partition_span(partition_key: str) -> tuple[str, str]:
    """First and last day of a mart's partition: days and spans of days, or a month, ``yyyy-mm``.

    For example ``2026-03-01`` or ``2026-03-01..2026-03-05,2026-03-09``. Raises ValueError if it is none of these.
    """
    if re.fullmatch(r"\d{4}-\d{2}", partition_key):
        first = date.fromisoformat(f"{partition_key}-01")
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return first.isoformat(), last.isoformat()
    days = [date.fromisoformat(day) for day in re.split(r"\.\.|,", partition_key.partition(" ")[0])]
    return min(days).isoformat(), max(days).isoformat()
