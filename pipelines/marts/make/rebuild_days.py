"""Decides which days of a mart's table have to be rebuilt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from citylake.pipelines.lake.ledger.table_changes import ChangedDays, merge_changed_days
from citylake.schemas.model.mart import MartTable

MAX_STALE_DAYS = 400
"""Maximum number of days that are rebuilt individually; with more, the whole table is rebuilt."""


@dataclass(frozen=True, slots=True)
class BuildInputs:
    """What a curated table was built from: the hash of its declarations, and the Delta version of each input."""

    fingerprint: str
    versions: Mapping[str, int] = field(default_factory=dict)
    pending: Mapping[date, datetime] = field(default_factory=dict)
    """Changed days that were not built because they waited for another input → time of the change."""


def find_stale_days(
    table: MartTable, changed: Iterable[ChangedDays | None], pending: Mapping[date, datetime]
) -> ChangedDays | None:
    """Return the days to rebuild, from the changed days of each input and the pending ones; None: all days.

    A day of an input affects the same day of the table and the ``lookback_days`` days after it.
    """
    found = merge_changed_days(list(changed))
    if found is None or (found and table.day is None):
        return None
    later = [{day + timedelta(n): at for day, at in found.items()} for n in range(table.lookback_days + 1)]
    every = merge_changed_days([dict(pending), *later])
    return None if every is None or len(every) > MAX_STALE_DAYS else every


def days_to_build(
    table: MartTable, stale: ChangedDays | None, held: Mapping[date, datetime], asked: Iterable[date]
) -> tuple[date, ...] | None:
    """Return the days to build: ``stale`` without the waiting ones (``held``), and those requested (``asked``).

    None: the whole table.
    """
    if stale is None:
        return None
    return tuple(sorted({*(stale.keys() - held.keys()), *(asked if table.day else ())}))


def days_to_read(table: MartTable, days: Iterable[date] | None) -> set[date] | None:
    """Return the input days needed to build ``days`` of the table; None: all days."""
    if days is None:
        return None
    return {day - timedelta(n) for day in days for n in range(table.lookback_days + 1)}
