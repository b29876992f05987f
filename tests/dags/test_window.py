"""The days that a run asks for, for schedules from an hour to a month."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from dags.window import days_of

ZONE = "Asia/Shanghai"


@pytest.mark.parametrize(
    ("key", "run_after", "late_days", "days"),
    [
        pytest.param("2026-03-01T01:30:00", "2026-03-02T01:30", 0, ("2026-03-01", "2026-03-01"), id="daily: yesterday"),
        pytest.param("2026-03-01T01:30:00", "2026-03-02T01:30", 3, ("2026-02-26", "2026-03-01"), id="daily: late days"),
        pytest.param("2026-03-02T14:20:00", "2026-03-02T15:20", 0, ("2026-03-02", "2026-03-02"), id="hourly: today"),
        pytest.param("2026-03-01T23:20:00", "2026-03-02T00:20", 0, ("2026-03-01", "2026-03-01"), id="hourly: midnight"),
        pytest.param("2026-03-02T03:00:00", "2026-03-09T03:00", 0, ("2026-03-02", "2026-03-08"), id="weekly: the week"),
        pytest.param(
            "2026-02-02T04:00:00", "2026-03-02T04:00", 0, ("2026-02-02", "2026-03-01"), id="monthly: the month"
        ),
        pytest.param(
            "2026-03-01T01:30:00", "2026-03-01T01:30", 0, ("2026-03-01", "2026-03-01"), id="backfill: its day"
        ),
    ],
)
def test_days_of_a_run(key: str, run_after: str, late_days: int, days: tuple[str, str]) -> None:
    at = datetime.fromisoformat(run_after).replace(tzinfo=ZoneInfo(ZONE)).astimezone(ZoneInfo("UTC"))
    assert days_of(key, at, ZONE, late_days) == days


def test_a_run_without_a_partition_asks_for_whatever_is_there() -> None:
    assert days_of(None, datetime(2026, 3, 2, tzinfo=ZoneInfo("UTC")), ZONE, 3) is None
