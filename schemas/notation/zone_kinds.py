"""Kinds of time zones: those of a place, those that are only an offset from UTC, and those that change their clocks."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

_YEARS = range(2000, 2040)
_UTC_NAMES = {"UTC", "UCT", "GMT", "GMT0", "GMT+0", "GMT-0", "Greenwich", "Universal", "Zulu"}


@cache
def changes_clocks(zone: str) -> bool:
    """Whether ``zone`` has more than one offset from UTC in our time, so that its days differ in length."""
    info = ZoneInfo(zone)
    return len({datetime(year, month, 1, tzinfo=info).utcoffset() for year in _YEARS for month in (1, 7)}) > 1


def is_place_zone(zone: str | None) -> bool:
    """Whether ``zone`` is that of a place, whose people have its days; ``UTC`` only says how times are written."""
    return zone is not None and zone not in _UTC_NAMES and not zone.startswith("Etc/")
