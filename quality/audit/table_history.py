"""What the standard table has before a batch: rows and files by day, so that each day is compared with its like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from citylake.quality.calendars import WorkCalendar


@dataclass(frozen=True, slots=True)
class TableHistory:
    """The standard table and the ledger before the batch, without what the batch replaces.

    ``by_day``: whether the table is partitioned by day; then ``rows`` and ``files`` (active ones) are by day. If not,
    ``whole`` has its files, and ``batches`` the rows of earlier batches. ``today``: in the zone of the days.
    """

    by_day: bool = False
    rows: Mapping[date, int] = field(default_factory=dict)
    files: Mapping[date, Sequence[str]] = field(default_factory=dict)
    whole: Sequence[str] = ()
    batches: Sequence[int] = ()
    calendar: WorkCalendar = field(default_factory=WorkCalendar)
    today: date = date.max
    zone: str = ""
    """The zone of the table's days; empty: that of the dataset's local times."""
    replaced: Sequence[str] = ()
    """Receipts whose stored rows the batch replaces."""
    split_days: bool = False
    """Whether a day of the table has parts from several files, because the source's days are those of another zone."""
