"""Which days of a mart's table have to be made again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from schemas.mart import MartTable

MOST = 400
"""More days than this are not named one by one: the table is made anew."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a curated table was last made from: the hash of its declarations, and the Delta version of each input."""

    fingerprint: str
    versions: Mapping[str, int] = field(default_factory=dict)


def stale_days(table: MartTable, changed: Iterable[set[date] | None]) -> tuple[date, ...] | None:
    """The days to make again, from the days that changed in each input; None: all of them.

    A day of input is seen by its own day and by ``lookback_days`` days after it.
    """
    found: set[date] = set()
    for days in changed:
        if days is None or (days and table.day is None):
            return None
        found |= days
    later = {day + timedelta(n) for day in found for n in range(table.lookback_days + 1)}
    return None if len(later) > MOST else tuple(sorted(later))


def with_asked(table: MartTable, stale: tuple[date, ...] | None, asked: Iterable[date]) -> tuple[date, ...] | None:
    """``stale`` and the days that somebody asked for; a table without days cannot be made in part."""
    if stale is None or table.day is None:
        return stale
    return tuple(sorted({*stale, *asked}))


def days_to_read(table: MartTable, days: Iterable[date] | None) -> set[date] | None:
    """The days of input that ``days`` of the table are made from; None: all of them."""
    if days is None:
        return None
    return {day - timedelta(n) for day in days for n in range(table.lookback_days + 1)}
