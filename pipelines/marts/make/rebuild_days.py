"""Which days of a mart's table have to be made again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from citylake.pipelines.lake.ledger.table_changes import ChangedDays, merge_changed_days
from citylake.schemas.model.mart import MartTable

MAX_STALE_DAYS = 400
"""More days than this are not named one by one: the table is made anew."""


@dataclass(frozen=True, slots=True)
class BuildInputs:
    """What a curated table was last made from: the hash of its declarations, and the Delta version of each input."""

    fingerprint: str
    versions: Mapping[str, int] = field(default_factory=dict)
    pending: Mapping[date, datetime] = field(default_factory=dict)
    """Days that had changed and were not made, for they waited for another input; with the moment of the change."""


def find_stale_days(
    table: MartTable, changed: Iterable[ChangedDays | None], pending: Mapping[date, datetime]
) -> ChangedDays | None:
    """The days to make again, from the days that changed in each input and those left before; None: all of them.

    A day of input is seen by its own day and by ``lookback_days`` days after it.
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
    """``stale`` without what waits, and the days that somebody asked for; a table without days is made whole."""
    if stale is None:
        return None
    return tuple(sorted({*(stale.keys() - held.keys()), *(asked if table.day else ())}))


def days_to_read(table: MartTable, days: Iterable[date] | None) -> set[date] | None:
    """The days of input that ``days`` of the table are made from; None: all of them."""
    if days is None:
        return None
    return {day - timedelta(n) for day in days for n in range(table.lookback_days + 1)}
