"""Kinds of time zones: those of a place, those that are only an offset from UTC, and those that change their clocks."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

_YEARS = range(2000, 2040)
_FIXED_OFFSET = re.compile(r"Etc/GMT([+-]\d{1,2})")
_UTC_NAMES = {"UTC", "UCT", "GMT", "GMT0", "GMT+0", "GMT-0", "Greenwich", "Universal", "Zulu"}


@cache
def changes_clocks(zone: str) -> bool:
    """Whether ``zone`` has more than one offset from UTC in our time, so that its days differ in length."""
    info = ZoneInfo(zone)
    return len({datetime(year, month, 1, tzinfo=info).utcoffset() for year in _YEARS for month in (1, 7)}) > 1


def is_place_zone(zone: str | None) -> bool:
    """Whether ``zone`` is that of a place, whose people have its days; ``UTC`` only says how times are written."""
    return zone is not None and zone not in _UTC_NAMES and not zone.startswith("Etc/")


def opposite_offset_zone(zone: str | None, own: str) -> str | None:
    """``Etc/GMT-8`` for ``Etc/GMT+8``, which is UTC-8, if ``own`` is at UTC+8: the sign was perhaps meant otherwise."""
    found = _FIXED_OFFSET.fullmatch(zone or "")
    if found is None or own not in available_timezones():
        return None
    hours = timedelta(hours=int(found[1]))
    offsets = {datetime(_YEARS[-1], month, 1, tzinfo=ZoneInfo(own)).utcoffset() for month in (1, 7)}
    return f"Etc/GMT{-int(found[1]):+d}" if hours and hours in offsets else None
