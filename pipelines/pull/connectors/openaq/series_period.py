"""From when to when a sensor's series is asked for, and up to when it came."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from citylake.pipelines.pull.connector_api import PullState
from citylake.pipelines.pull.connectors.openaq.openaq_source import OpenaqSource
from citylake.pipelines.pull.http.json_document import get_member
from citylake.schemas.words.errors import CitylakeError

PERIOD_END = "period.datetimeTo.utc"
"""The end of a row's period; a sensor has one row for each."""
_PERIODS = {"daily": 1, "days": 1, "monthly": 31, "yearly": 366, "years": 366}
"""Lengths of periods in days, by the last word of the resource; others are an hour at most."""
# A day's limits are those of the location's zone, somewhere within a day of UTC.
_ZONES = timedelta(days=1)


def period_parameters(source: OpenaqSource, state: PullState, now: datetime) -> dict[str, str]:
    """The parameters for what comes after ``state``, less the overlap: after ``…_from`` (exclusive), up to ``…_to``."""
    start, end = _period_start(source, state), source.until
    if source.resource.startswith(("days", "years")):
        days = {"date_from": start and start[:10], "date_to": end and end[:10]}
        return {name: day for name, day in days.items() if day}
    found = {"datetime_from": start, "datetime_to": end or _format_instant(now)}
    return {name: instant for name, instant in found.items() if instant}


def _period_start(source: OpenaqSource, state: PullState) -> str | None:
    if "end" not in state:
        return source.since
    days = _PERIODS.get(source.resource.rsplit("/", 1)[-1], 0)
    back = timedelta(days=days, seconds=source.overlap_s) + (_ZONES if days else timedelta(hours=1))
    return _format_instant(datetime.fromisoformat(state["end"]) - back)


@dataclass(slots=True)
class LatestPeriodEnd:
    """The latest end of a period so far."""

    shown: str
    end: datetime | None = None

    def note(self, records: Iterable[Any]) -> None:
        """Look at more rows; raises OPENAQ_NO_TIME where an end is no instant."""
        told = [end for record in records if (end := get_member(record, PERIOD_END)) is not None]
        self.end = max([*map(self._instant, told), *([self.end] if self.end else [])], default=None)

    def state(self, before: PullState, now: datetime) -> PullState | None:
        """What the next pull starts from: never earlier than ``before``, nor later than now."""
        known = [end for end in (self.end, before.get("end")) if end]
        ends = [end if isinstance(end, datetime) else datetime.fromisoformat(end) for end in known]
        return {"end": _format_instant(min(max(ends), now))} if ends else None

    def _instant(self, text: Any) -> datetime:
        try:
            found = datetime.fromisoformat(text)
        except (TypeError, ValueError):
            raise CitylakeError("OPENAQ_NO_TIME", source=self.shown, value=str(text)[:50]) from None
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _format_instant(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
