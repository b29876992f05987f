"""Decides which days of a mart wait for a late department, and until when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger.table_changes import ChangedDays
from citylake.pipelines.marts.make.mart_plan import mart_sources
from citylake.pipelines.marts.make.missing_days import MissingDays, current_versions, find_missing_days
from citylake.schemas.base.declaration import parse_duration
from citylake.schemas.model.mart import Mart
from citylake.schemas.read.registry import Registry


@dataclass(frozen=True, slots=True)
class WaitPolicy:
    """Days for which a dataset is missing wait for it, at most ``wait``. Days of other marts wait in those marts."""

    missing: MissingDays
    wait: timedelta
    zone: ZoneInfo
    now: datetime
    versions: Mapping[str, int] = field(default_factory=dict)
    """Dataset that others wait for → version of its standard table of which ``missing`` tells."""

    def held(self, news: ChangedDays) -> ChangedDays:
        """Return the changed days (``news``) that have to wait, with the time of their change."""
        return {day: at for day, at in news.items() if day in self.missing and self.now < self.until(day, at)}

    def due(self, news: ChangedDays) -> list[date]:
        """Return the changed days (``news``) for which a dataset is missing and whose waiting time is over."""
        return sorted(day for day in news if day in self.missing and day not in self.held(news))

    def until(self, day: date, changed_at: datetime) -> datetime:
        """Return the deadline of a day: ``wait`` after the end of the day or its first change, whichever is later."""
        end = datetime.combine(day + timedelta(1), time(), self.zone)
        return max(end, changed_at) + self.wait

    def as_read(self, lake: Lake, registry: Registry, read: Mapping[str, int]) -> WaitPolicy:
        """Return the policy for a table that reads its inputs in the versions ``read``.

        Another run can commit a day of one dataset after this policy was made: the table would take that day without
        the dataset that is missing.
        """
        versions = {name: read.get(name, version) for name, version in self.versions.items()}
        if versions == self.versions:
            return self
        return replace(self, missing=find_missing_days(lake, registry, versions), versions=versions)


NO_WAIT = WaitPolicy({}, timedelta(0), ZoneInfo("UTC"), datetime.max.replace(tzinfo=UTC))
"""The policy without waiting."""


def mart_wait_policy(mart: Mart, registry: Registry, lake: Lake, now: datetime) -> WaitPolicy:
    """Return the wait policy of the mart at ``now``."""
    if mart.wait is None:
        return NO_WAIT
    zone = ZoneInfo(registry.workspace.settings.timezone)
    versions = current_versions(lake, mart_sources(mart, registry)[0])
    return WaitPolicy(find_missing_days(lake, registry, versions), parse_duration(mart.wait), zone, now, versions)


def earliest_deadline(held: Mapping[date, datetime], waits: WaitPolicy) -> datetime:
    """Return the earliest deadline of the waiting days (at least one)."""
    return min(waits.until(day, at) for day, at in held.items())
