"""Days of one time zone among those of another.

A mart's days are those of the workspace's zone. The partitions of a dataset may be days of another zone: a day of the
mart then needs rows of two partitions, and a changed partition changes two days of the mart.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from citylake.pipelines.lake.ledger.table_changes import ChangedDays
from citylake.schemas.read.day_zones import partition_zones
from citylake.schemas.read.registry import Registry

_DAY = timedelta(days=1)


def partition_days(dataset: str, registry: Registry, days: set[date] | None) -> set[date] | None:
    """The partitions of ``dataset`` that hold rows of the mart's ``days``; None: all."""
    if days is None:
        return None
    own = registry.workspace.settings.timezone
    return days.union(*(overlapping_days(days, own, zone) for zone in _other_zones(dataset, registry)))


def affected_days(dataset: str, registry: Registry, changed: ChangedDays | None) -> ChangedDays | None:
    """The mart's days that change with the partitions in ``changed``; None: all."""
    zones = _other_zones(dataset, registry)
    if changed is None or not zones:
        return changed
    own, found = registry.workspace.settings.timezone, dict(changed)
    for zone in zones:
        for day, at in changed.items():
            found |= {each: min(at, found.get(each, at)) for each in overlapping_days({day}, zone, own)}
    return found


def overlapping_days(days: Iterable[date], zone: str, other: str) -> set[date]:
    """The days in ``other`` that have an instant in common with ``days`` in ``zone``."""
    found: set[date] = set()
    for day in days:
        if date.min < day < date.max - _DAY:
            first, end = (datetime.combine(each, time(), ZoneInfo(zone)) for each in (day, day + _DAY))
            found |= {first.astimezone(ZoneInfo(other)).date()}
            found |= {(end.astimezone(ZoneInfo(other)) - timedelta(microseconds=1)).date()}
    return found


def _other_zones(dataset: str, registry: Registry) -> set[str]:
    return partition_zones(registry.contracts[dataset], registry) - {registry.workspace.settings.timezone}
