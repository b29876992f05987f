"""Which days a run asks its source for."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


def days_of(partition_key: str | None, run_after: datetime, zone: str, late_days: int) -> tuple[str, str] | None:
    """First and last day, ``yyyy-mm-dd``: from ``late_days`` before the partition to the last whole one before the run.

    A partition key begins with its day, by the local time of ``zone``. None where the run has no partition, as when
    somebody triggers it by hand: it then asks for whatever is there.
    """
    if partition_key is None:
        return None
    day = date.fromisoformat(partition_key[:10])
    last = max(day, run_after.astimezone(ZoneInfo(zone)).date() - timedelta(days=1))
    return (day - timedelta(days=late_days)).isoformat(), last.isoformat()
