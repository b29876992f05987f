"""The time that a rebuild asks for, as a person writes it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from citylake.schemas.words.errors import CitylakeError

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def parse_as_of(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the time; without a zone, the workspace's. A day means its end, or ``now`` if it is today.

    Raises REBUILD_TIME_UNREADABLE, and REBUILD_TIME_AHEAD for a time that has not come.
    """
    at = _parse_time(text.strip(), zone)
    here = now.astimezone(zone)
    if _DAY.fullmatch(text.strip()) and at > now >= at - timedelta(days=1):
        return here
    if at > now:
        raise CitylakeError("REBUILD_TIME_AHEAD", at=text, now=here.isoformat(timespec="seconds"))
    return at


def _parse_time(text: str, zone: ZoneInfo) -> datetime:
    try:
        if _DAY.fullmatch(text):
            following = date.fromisoformat(text) + timedelta(days=1)
            return datetime.combine(following, time(), zone) - timedelta(microseconds=1)
        found = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise CitylakeError("REBUILD_TIME_UNREADABLE", text=text) from error
    return (found.replace(tzinfo=zone) if found.tzinfo is None else found).astimezone(zone)


def time_in_name(at: datetime) -> str:
    """Return the time for a file's name: in UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
