"""Time zones that change their clocks."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

_YEARS = range(2000, 2040)


@cache
def changes_clocks(zone: str) -> bool:
    """Whether ``zone`` has more than one offset from UTC in our time, so that its days differ in length."""
    info = ZoneInfo(zone)
    return len({datetime(year, month, 1, tzinfo=info).utcoffset() for year in _YEARS for month in (1, 7)}) > 1
