"""When schedules are due on the days on which clocks change, in every zone that changes them from 2020 to 2030."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citylake.dags.cron_ticks import next_tick, previous_tick

FIRST, LAST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
EVERY_QUARTER = "*/15 * * * *"


@cache
def changes(zone: str) -> tuple[datetime, ...]:
    """The instants at which the zone's offset changes, to the quarter of an hour."""
    info = ZoneInfo(zone)
    weeks = [FIRST + timedelta(weeks=n) for n in range((LAST - FIRST).days // 7 + 1)]
    return tuple(
        _change_between(first, second, info)
        for first, second in pairwise(weeks)
        if offset(first, info) != offset(second, info)
    )


def _change_between(first: datetime, last: datetime, zone: ZoneInfo) -> datetime:
    steps, before = range((last - first) // QUARTER + 1), offset(first, zone)
    return first + QUARTER * bisect_left(steps, x=True, key=lambda step: offset(first + QUARTER * step, zone) != before)


def some_changes() -> Iterator[tuple[str, ZoneInfo, datetime]]:
    """Every zone, with one in eight of its changes."""
    for number, name in enumerate(zones()):
        for change in changes(name)[number % 8 :: 8]:
            yield name, ZoneInfo(name), change


def offset(moment: datetime, zone: ZoneInfo) -> timedelta | None:
    return moment.astimezone(zone).utcoffset()


def quarters(first: datetime, last: datetime) -> Iterator[datetime]:
    while first <= last:
        yield first
        first += QUARTER


@cache
def zones() -> tuple[str, ...]:
    """One zone for each history of clock changes."""
    known: dict[tuple[object, ...], str] = {}
    for zone in sorted(available_timezones()):
        if at := changes(zone):
            known.setdefault((*at, *(offset(each, ZoneInfo(zone)) for each in at)), zone)
    return tuple(known.values())


def ticks(cron: str, zone: ZoneInfo, first: datetime, last: datetime) -> list[datetime]:
    found = [next_tick(cron, zone, first)]
    while found[-1] < last:
        found.append(next_tick(cron, zone, found[-1]))
    return found


def hours_near(change: datetime, zone: ZoneInfo) -> set[str]:
    """Daily schedules: at local times that are skipped or come twice, and at the ends of the day."""
    before, after = (change + sign * timedelta(minutes=1) for sign in (-1, 1))
    sides = [before.astimezone(zone).replace(tzinfo=None), after.astimezone(zone).replace(tzinfo=None)]
    middle = min(sides) + (max(sides) - min(sides)) / 2
    return {f"{middle.minute} {middle.hour} * * *", "5 0 * * *", "55 23 * * *"}


def test_a_daily_schedule_is_due_once_on_every_local_day_in_every_zone() -> None:
    for name, zone, change in some_changes():
        for cron in hours_near(change, zone):
            found = ticks(cron, zone, change - timedelta(days=2), change + timedelta(days=2))
            days = Counter(each.astimezone(zone).date() for each in found)
            span = (max(days) - min(days)).days + 1
            assert (len(days), set(days.values())) == (span, {1}), (name, cron, found)
            assert [previous_tick(cron, zone, each) for each in found[1:]] == found[:-1], (name, cron)


def test_a_schedule_of_every_quarter_follows_elapsed_time_over_every_change() -> None:
    for name, zone, change in some_changes():
        expected = list(quarters(change - timedelta(hours=1), change + timedelta(hours=1)))
        found = ticks(EVERY_QUARTER, zone, expected[0] - QUARTER, expected[-1])
        assert found == expected, (name, change)
        assert [previous_tick(EVERY_QUARTER, zone, each) for each in found[1:]] == found[:-1], (name, change)


@pytest.mark.parametrize(
    ("zone", "cron", "around", "days"),
    [
        ("Europe/Madrid", "30 2 * * *", date(2024, 3, 31), ["30T02:30+0100", "31T03:30+0200", "01T02:30+0200"]),
        ("America/Chicago", "30 2 * * *", date(2026, 3, 8), ["07T02:30-0600", "08T03:30-0500", "09T02:30-0500"]),
        ("Europe/Madrid", "30 2 * * *", date(2024, 10, 27), ["26T02:30+0200", "27T02:30+0200", "28T02:30+0100"]),
        ("America/Scoresbysund", "30 23 * * *", date(2025, 3, 29), ["28T23:30-0200", "29T22:30-0200", "30T23:30-0100"]),
    ],
)
def test_a_time_that_is_skipped_is_due_on_its_day_and_one_that_comes_twice_the_first_time(
    zone: str, cron: str, around: date, days: list[str]
) -> None:
    info = ZoneInfo(zone)
    first = datetime(around.year, around.month, around.day, tzinfo=info) - timedelta(days=1)
    found = ticks(cron, info, first.astimezone(UTC), first.astimezone(UTC) + timedelta(days=2))
    assert [f"{each.astimezone(info):%dT%H:%M%z}" for each in found[:3]] == days


@given(
    zone=st.sampled_from(["Europe/Madrid", "America/Chicago", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Shanghai"]),
    cron=st.sampled_from(["*/20 1-4 * * *", "0 */2 * * *", "10 2,3 * * 0", "30 2 1 * *", "7 * * * *", "15 0 * * 1-5"]),
    moment=st.datetimes(datetime(2020, 1, 1), datetime(2030, 12, 31)),
)
def test_ticks_have_an_order_that_is_the_same_in_both_directions(zone: str, cron: str, moment: datetime) -> None:
    info, at = ZoneInfo(zone), moment.replace(tzinfo=UTC)
    later, earlier = next_tick(cron, info, at), previous_tick(cron, info, at)
    assert earlier < at < later or at in (next_tick(cron, info, earlier), later)
    assert previous_tick(cron, info, next_tick(cron, info, later)) == later
    assert next_tick(cron, info, previous_tick(cron, info, earlier)) == earlier
