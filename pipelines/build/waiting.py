"""Which days of a mart wait for a department, and until when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pipelines.build.gaps import Lacking, lacking
from pipelines.build.plan import read_by
from pipelines.lake import Lake
from pipelines.ledger.changes import Changed
from schemas.declaration import length
from schemas.mart import Mart
from schemas.registry import Registry


@dataclass(frozen=True, slots=True)
class Patience:
    """Days that lack a dataset wait for it; those of another mart wait in that mart."""

    missing: Lacking
    wait: timedelta
    zone: ZoneInfo
    now: datetime

    def held(self, news: Changed) -> Changed:
        """The days of ``news`` that have to wait, with the moment of their news."""
        return {day: at for day, at in news.items() if day in self.missing and self.now < self.until(day, at)}

    def due(self, news: Changed) -> list[date]:
        """The days of ``news`` that lack a dataset and have waited long enough."""
        return sorted(day for day in news if day in self.missing and day not in self.held(news))

    def until(self, day: date, told: datetime) -> datetime:
        """The end of the wait: counted from the day's end or its first news, whichever is later."""
        end = datetime.combine(day + timedelta(1), time(), self.zone)
        return max(end, told) + self.wait


IMPATIENT = Patience({}, timedelta(0), ZoneInfo("UTC"), datetime.max.replace(tzinfo=UTC))
"""Nothing waits."""


def patience(mart: Mart, registry: Registry, lake: Lake, now: datetime) -> Patience:
    """What the mart's days wait for at ``now``."""
    if mart.wait is None:
        return IMPATIENT
    zone = ZoneInfo(registry.workspace.settings.timezone)
    return Patience(lacking(lake, registry, read_by(mart, registry)[0]), length(mart.wait), zone, now)


def soonest(held: Mapping[date, datetime], waits: Patience) -> datetime:
    """When the first of the days that wait is built regardless."""
    return min(waits.until(day, at) for day, at in held.items())
