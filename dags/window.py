"""Which days a run is for."""

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


def span_of(partition_key: str) -> tuple[str, str]:
    """First and last day of a mart's partition: a day, ``yyyy-mm-dd``, or a month, ``yyyy-mm``."""
    if len(partition_key) > len("yyyy-mm"):
        return partition_key, partition_key
    first = date.fromisoformat(f"{partition_key}-01")
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first.isoformat(), last.isoformat()
