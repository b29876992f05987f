"""Faults of a cron expression that would stop the scheduler, or never be due."""

from __future__ import annotations

from datetime import UTC, datetime

_FIELDS = 5
_WORDS = {
    "hourly": "0 * * * *",
    "daily": "0 0 * * *",
    "midnight": "0 0 * * *",
    "weekly": "0 0 * * 0",
    "monthly": "0 0 1 * *",
    "quarterly": "0 0 1 */3 *",
    "yearly": "0 0 1 1 *",
    "annually": "0 0 1 1 *",
}
"""Names of schedules in other tools → the same in five fields."""
_EXAMPLE = "30 1 * * *"


def cron_fault(cron: str) -> tuple[str, str] | None:
    """Why ``cron`` has no ticks, and what to write instead; None if it has.

    Five fields (minute, hour, day of the month, month, day of the week) with lists, ranges, steps, names, ``L`` and
    ``#``, as Airflow reads them.
    """
    # Only contracts with a schedule need it.
    from croniter import CroniterBadCronError, CroniterBadDateError, croniter

    words = cron.split()
    if len(words) != _FIELDS:
        instead = _WORDS.get(cron.strip().removeprefix("@").lower(), _EXAMPLE)
        return f"{len(words)} ≠ {_FIELDS}", instead
    if any(word.upper().startswith(("H", "R")) for word in words):
        return "H, R", _EXAMPLE
    try:
        croniter(cron, start_time=datetime(2026, 1, 1, tzinfo=UTC)).get_next(datetime)
    except (CroniterBadCronError, CroniterBadDateError, ValueError, KeyError) as error:
        return str(error), _EXAMPLE
    return None
