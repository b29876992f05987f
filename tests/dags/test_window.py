"""The days that a run asks for, for schedules from an hour to a month."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citylake.dags.day_spans import MAX_KEY, write_day_spans
from citylake.dags.run_window import partition_span, run_days

ZONE = "Asia/Shanghai"


DAILY, HOURLY, WEEKLY, MONTHLY = "30 1 * * *", "20 * * * *", "0 3 * * 1", "0 4 2 * *"
TICKS = [
    pytest.param(DAILY, "2026-03-01", "2026-03-02T01:30", 0, ("2026-03-01", "2026-03-01"), id="daily: yesterday"),
    pytest.param(DAILY, "2026-03-01", "2026-03-02T01:30", 3, ("2026-02-26", "2026-03-01"), id="daily: late days"),
    pytest.param(HOURLY, "2026-03-02T14:20", "2026-03-02T15:20", 0, ("2026-03-02", "2026-03-02"), id="hourly: today"),
    pytest.param(HOURLY, "2026-03-01T23:20", "2026-03-02T00:20", 0, ("2026-03-01", "2026-03-01"), id="midnight"),
    pytest.param(WEEKLY, "2026-03-02", "2026-03-09T03:00", 0, ("2026-03-02", "2026-03-08"), id="weekly: the week"),
    pytest.param(MONTHLY, "2026-02-02", "2026-03-02T04:00", 0, ("2026-02-02", "2026-03-01"), id="monthly: the month"),
]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).astimezone(ZoneInfo("UTC"))


@pytest.mark.parametrize(("cron", "key", "run_after", "late_days", "days"), TICKS)
def test_a_run_asks_for_the_days_until_the_next_tick(
    cron: str, key: str, run_after: str, late_days: int, days: tuple[str, str]
) -> None:
    assert run_days(key, moment(run_after), cron, ZONE, late_days, by_clock=True) == days


@pytest.mark.parametrize(("cron", "key", "run_after", "late_days", "days"), TICKS)
def test_a_backfill_asks_for_the_same_whenever_it_runs(
    cron: str, key: str, run_after: str, late_days: int, days: tuple[str, str]
) -> None:
    for at in (key, run_after, "2026-12-24T12:00"):
        assert run_days(key, moment(at), cron, ZONE, late_days, by_clock=False) == days


def test_after_an_outage_the_days_without_a_run_are_asked_for_too() -> None:
    asked = run_days("2026-03-01", moment("2026-03-05T01:30"), DAILY, ZONE, 0, by_clock=True)
    assert asked == ("2026-03-01", "2026-03-04")


def test_without_a_schedule_a_partition_is_its_day() -> None:
    assert run_days("2026-03-01", moment("2026-03-05T01:30"), None, ZONE, 0, by_clock=False) == ("2026-03-01",) * 2


def test_a_run_without_a_partition_asks_for_whatever_is_there() -> None:
    assert run_days(None, moment("2026-03-02T00:00"), DAILY, ZONE, 3, by_clock=False) is None


@pytest.mark.parametrize(
    ("key", "days"),
    [
        ("2026-03-01", ("2026-03-01", "2026-03-01")),
        ("2026-02", ("2026-02-01", "2026-02-28")),
        ("2026-03-01..2026-03-05,2026-03-09", ("2026-03-01", "2026-03-09")),
        ("2026-03-01..2026-05-09 (40)", ("2026-03-01", "2026-05-09")),
    ],
)
def test_a_marts_partition_is_days_or_a_month(key: str, days: tuple[str, str]) -> None:
    assert partition_span(key) == days


def test_a_key_that_is_no_day_is_refused() -> None:
    with pytest.raises(ValueError, match="today"):
        partition_span("today")


@given(st.sets(st.dates(date(2020, 1, 1), date(2030, 1, 1)), min_size=1, max_size=80))
def test_the_key_of_a_group_of_days_fits_and_keeps_its_first_and_last_day(days: set[date]) -> None:
    key = write_day_spans(str(day) for day in days)
    assert len(key) <= MAX_KEY + len(" (80)")
    assert partition_span(key) == (str(min(days)), str(max(days)))
