"""How often a dataset is updated, in the words of catalogues, as far as its schedule says it."""

from __future__ import annotations

from typing import Final, Literal

UpdateCycle = Literal["continuous", "hourly", "daily", "weekly", "monthly", "quarterly", "yearly", "other"]
_CONTINUOUS: Final = ("*", "/", ",", "-")
_QUARTERS: Final = 4


def update_cycle(cron: str) -> UpdateCycle:
    """The cycle of a cron expression of five fields; ``other`` if no single word says it."""
    fields = cron.split()
    if len(fields) != len(("minute", "hour", "day", "month", "weekday")):
        return "other"
    minute, hour, day, month, weekday = fields
    if (day, month, weekday) == ("*", "*", "*"):
        if any(mark in minute for mark in _CONTINUOUS):
            return "continuous"
        return "hourly" if hour == "*" else "daily" if hour.isdigit() else "other"
    if not (minute.isdigit() and hour.isdigit()):
        return "other"
    if (day, month) == ("*", "*"):
        return "weekly" if weekday.isalnum() else "other"
    if weekday != "*" or not day.isdigit():
        return "other"
    months = month.split(",")
    if month == "*":
        return "monthly"
    return "yearly" if month.isalnum() else "quarterly" if len(months) == _QUARTERS else "other"
