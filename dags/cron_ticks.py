"""The instants at which a cron expression is due in a time zone that changes its clocks.

A schedule with an hour in it is due once for each of its local times: at the first of two, and, if the clocks skip the
time, as long after the change as it would be due without one. A schedule of every hour follows elapsed time: it is due
at both of two local times, and not at a skipped one. Airflow 3.3 has one day without a run and two runs on the next if
the clocks skip the time of a daily schedule.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo

from croniter import croniter

_LARGEST_CHANGE = timedelta(hours=3)
"""No zone has changed its clocks by more in our time, so other local times cannot be due in between."""


def next_tick(cron: str, zone: tzinfo, after: datetime) -> datetime:
    """The first instant after ``after`` (aware) at which ``cron`` is due, in UTC."""
    local = _local_time(after, zone)
    found: datetime | None = None
    first: datetime = croniter(cron, start_time=local).get_next(datetime)
    if _is_steady(local, zone) and _is_steady(first, zone):
        return first.replace(tzinfo=zone).astimezone(UTC)
    for due, instants in _ticks_in_order(cron, zone, local - _LARGEST_CHANGE, forward=True):
        if found and due > _local_time(found, zone) + _LARGEST_CHANGE:
            break
        found = min([*(each for each in instants if each > after), *([found] if found else [])], default=None)
    assert found is not None
    return found


def previous_tick(cron: str, zone: tzinfo, before: datetime) -> datetime:
    """The last instant before ``before`` (aware) at which ``cron`` was due, in UTC."""
    local = _local_time(before, zone)
    found: datetime | None = None
    last: datetime = croniter(cron, start_time=local).get_prev(datetime)
    if _is_steady(local, zone) and _is_steady(last, zone):
        return last.replace(tzinfo=zone).astimezone(UTC)
    for due, instants in _ticks_in_order(cron, zone, local + _LARGEST_CHANGE, forward=False):
        if found and due < _local_time(found, zone) - _LARGEST_CHANGE:
            break
        found = max([*(each for each in instants if each < before), *([found] if found else [])], default=None)
    assert found is not None
    return found


def _is_steady(local: datetime, zone: tzinfo) -> bool:
    """Whether no change of clocks is near."""
    before, after = (local + sign * 2 * _LARGEST_CHANGE for sign in (-1, 1))
    return before.replace(tzinfo=zone).utcoffset() == after.replace(tzinfo=zone).utcoffset()


def _ticks_in_order(
    cron: str, zone: tzinfo, start: datetime, *, forward: bool
) -> Iterator[tuple[datetime, list[datetime]]]:
    """Local times from ``start`` on, or back, with their instants. Raises CroniterBadDateError if there are no more."""
    schedule = croniter(cron, start_time=start)
    every_hour = schedule.expanded[1] == ["*"]
    while True:
        due = schedule.get_next(datetime) if forward else schedule.get_prev(datetime)
        yield due, _instants(due, zone, every_hour=every_hour)


def _instants(local: datetime, zone: tzinfo, *, every_hour: bool) -> list[datetime]:
    """The instants of a local time: one or two; of a skipped time the one on the same day, if any."""
    first, second = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if _local_time(first, zone) == local:
        return [first, second] if every_hour and second != first else [first]
    if every_hour:
        return []
    return [each for each in (first, second) if _local_time(each, zone).date() == local.date()][:1]


def _local_time(moment: datetime, zone: tzinfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)
