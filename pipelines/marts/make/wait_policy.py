"""Which days of a mart wait for a department, and until when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger.table_changes import ChangedDays
from citylake.pipelines.marts.make.mart_plan import mart_sources
from citylake.pipelines.marts.make.missing_days import MissingDays, find_missing_days
from citylake.schemas.model.declaration import parse_duration
from citylake.schemas.model.mart import Mart
from citylake.schemas.read.registry import Registry


@dataclass(frozen=True, slots=True)
class WaitPolicy:
    """Days that lack a dataset wait for it; those of another mart wait in that mart."""

    missing: MissingDays
    wait: timedelta
    zone: ZoneInfo
    now: datetime

    def held(self, news: ChangedDays) -> ChangedDays:
        """The days of ``news`` that have to wait, with the moment of their news."""
        return {day: at for day, at in news.items() if day in self.missing and self.now < self.until(day, at)}

    def due(self, news: ChangedDays) -> list[date]:
        """The days of ``news`` that lack a dataset and have waited long enough."""
        return sorted(day for day in news if day in self.missing and day not in self.held(news))

    def until(self, day: date, told: datetime) -> datetime:
        """The end of the wait: counted from the day's end or its first news, whichever is later."""
        end = datetime.combine(day + timedelta(1), time(), self.zone)
        return max(end, told) + self.wait


NO_WAIT = WaitPolicy({}, timedelta(0), ZoneInfo("UTC"), datetime.max.replace(tzinfo=UTC))
"""Nothing waits."""


def mart_wait_policy(mart: Mart, registry: Registry, lake: Lake, now: datetime) -> WaitPolicy:
    """What the mart's days wait for at ``now``."""
    if mart.wait is None:
        return NO_WAIT
    zone = ZoneInfo(registry.workspace.settings.timezone)
    return WaitPolicy(
        find_missing_days(lake, registry, mart_sources(mart, registry)[0]), parse_duration(mart.wait), zone, now
    )


def earliest_deadline(held: Mapping[date, datetime], waits: WaitPolicy) -> datetime:
    """When the first of the days that wait is built regardless."""
    return min(waits.until(day, at) for day, at in held.items())
