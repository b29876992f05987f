"""Days in the partition key of a mart's run: ``2026-03-01..2026-03-05,2026-03-09``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

NOTE_XCOM = "run_note"
"""The value of a build's task that becomes the note of its run."""
MAX_KEY = 200
"""Characters; Airflow stores 250."""


def write_day_spans(days: Iterable[str]) -> str:
    """Return ``yyyy-mm-dd`` days as spans; the first and the last day only, with the number, if they are too many."""
    told = sorted({date.fromisoformat(day[:10]) for day in days})
    spans: list[tuple[date, date]] = []
    for day in told:
        joined = bool(spans) and day - spans[-1][1] == timedelta(1)
        spans[-1:] = [(spans[-1][0], day)] if joined else [*spans[-1:], (day, day)]
    key = ",".join(f"{first}" if first == last else f"{first}..{last}" for first, last in spans)
    return key if len(key) <= MAX_KEY else f"{told[0]}..{told[-1]} ({len(told)})"
