"""Freshness: the age of the newest event in a batch. A batch that arrives on time can still hold old data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from citylake.quality.audit.audit_input import AuditInput, check_outcome
from citylake.quality.audit.event_time import dataset_zone, day_end, event_time_column
from citylake.quality.check_result import CheckResult
from citylake.quality.duckdb_views import quote_column
from citylake.schemas.base.declaration import parse_duration
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import Problem

NEWEST_PATTERN = r"\((\d{4}-\d\d-\d\d \d\d:\d\d[+-]\d\d:\d\d)\)$"
"""Matches the newest event time at the end of ``CheckResult.observed``."""
CLOCK_TOLERANCE = "1h"
"""How far ahead of ours a source's clock may be."""


@dataclass(frozen=True, slots=True)
class EventTimes:
    """The event times of a batch: the newest one that may have happened, and those that are later than that."""

    newest: datetime | None = None
    future_rows: int = 0
    latest: datetime | date | None = None


def check_freshness(batch: AuditInput) -> Iterator[CheckResult]:
    """Yield a warning if the newest event time is older than ``expect.freshness``, and one if rows are in the future.

    A time later than now does not make data fresh: it is wrong, or a forecast that ``expect.ahead`` announces. Warnings
    do not hold the batch, because old data are better than none. Yields nothing if the contract sets no freshness or
    has no event time column; the age of such a dataset is that of its last successful pull.
    """
    allowed, column = batch.contract.expect.freshness, event_time_column(batch.contract)
    if allowed is None or not column:
        return
    if absent := batch.missing("freshness", (column,), f"≤ {allowed}"):
        yield absent
        return
    times = _event_times(batch, column) if batch.columns else EventTimes()
    yield _judge_newest(batch, column, allowed, times.newest)
    if times.future_rows:
        yield _report_future(batch, column, times)


def _judge_newest(batch: AuditInput, column: str, allowed: str, newest: datetime | None) -> CheckResult:
    age = timedelta(seconds=round((batch.now - newest).total_seconds())) if newest else None
    observed = f"{age} ({newest.isoformat(sep=' ', timespec='minutes')})" if newest else "no event time"
    values = {
        "dataset": batch.contract.dataset,
        "column": column,
        "newest": newest.isoformat() if newest else "—",
        "allowed": allowed,
    }
    stale = age is None or age > parse_duration(allowed)
    return check_outcome(
        "freshness", Problem("DATA_STALE", values) if stale else None, observed, f"≤ {allowed}", warning=True
    )


def _report_future(batch: AuditInput, column: str, times: EventTimes) -> CheckResult:
    ahead, latest = _allowed_ahead(batch.contract), str(times.latest)
    if isinstance(times.latest, datetime):
        latest = times.latest.astimezone(dataset_zone(batch.contract)).isoformat(sep=" ", timespec="minutes")
    values = {"dataset": batch.contract.dataset, "column": column, "rows": times.future_rows, "latest": latest}
    observed, expected = f"{times.future_rows} rows, up to {latest}", f"≤ {ahead} ahead of now"
    return check_outcome("future_times", Problem("TIMES_IN_FUTURE", values), observed, expected, warning=True)


def _allowed_ahead(contract: Contract) -> str:
    return contract.expect.ahead or CLOCK_TOLERANCE


def _event_times(batch: AuditInput, column: str) -> EventTimes:
    kind, name = batch.columns[column], quote_column(column)
    zone, limit = dataset_zone(batch.contract), batch.now + parse_duration(_allowed_ahead(batch.contract))
    if kind == "DATE":
        day, rows, last = _split_times(batch, name, limit.astimezone(zone).date().isoformat(), "DATE")
        return EventTimes(min(day_end(batch.contract, day), batch.now) if day else None, rows, last)
    has_zone, kind = kind.endswith("TIME ZONE"), kind if kind.startswith("TIMESTAMP") else "TIMESTAMP"
    shown = limit.isoformat() if has_zone else limit.astimezone(zone).replace(tzinfo=None).isoformat()
    found, rows, last = _split_times(batch, f"try_cast({name} AS {kind})", shown, kind)
    newest, latest = (_instant(micros, UTC if has_zone else zone) for micros in (found, last))
    return EventTimes(min(newest, batch.now) if newest else None, rows, latest)


def _split_times(batch: AuditInput, time: str, limit: str, kind: str) -> tuple[Any, int, Any]:
    """The newest time up to ``limit``, the number of later ones, and the last of all; times as days or microseconds."""
    late, shape = f"{time} > '{limit}'::{kind}", "{}" if kind == "DATE" else "epoch_us({})"
    newest, last = shape.format(f"max({time}) FILTER (NOT {late})"), shape.format(f"max({time})")
    found, rows, latest = batch.one(f"SELECT {newest}, count(*) FILTER ({late}), {last} FROM staged")
    return found, int(rows), latest


def _instant(micros: int | None, zone: tzinfo) -> datetime | None:
    if micros is None:
        return None
    return (datetime(1970, 1, 1) + timedelta(microseconds=micros)).replace(tzinfo=zone)  # noqa: DTZ001 (its zone follows)
