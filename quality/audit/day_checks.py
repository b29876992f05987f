"""Checks on the days of a batch: each has rows, and each was delivered up to its end."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from citylake.quality.audit.audit_input import AuditInput, check_outcome
from citylake.quality.audit.day_totals import DayTotals
from citylake.quality.audit.event_time import day_end, event_time_column
from citylake.quality.check_result import CheckResult
from citylake.quality.duckdb_views import create_parquet_view, quote_column
from citylake.schemas.base.declaration import parse_duration
from citylake.schemas.words.errors import Problem

_SHOWN = 5


def check_days(batch: AuditInput, totals: DayTotals) -> Iterator[CheckResult]:
    """Yield ``days_present`` and ``day_freshness``, if the contract has them and its table has days.

    Days in progress and days that late rows may still fill are not judged.
    """
    late = batch.contract.schedule.late_days if batch.contract.schedule else 0
    first_open = batch.history.today - timedelta(days=late)
    span, allowed = batch.contract.expect.days_present, batch.contract.expect.day_freshness
    if span is not None and batch.history.by_day:
        present = {day for day in (*batch.history.rows, *totals.rows) if day < first_open}
        yield judge_days_present(batch.contract.dataset, "days_present", present, span)
    if allowed is not None and batch.history.by_day:
        yield _judge_ends(batch, [day for day in totals.files if day < first_open], totals, allowed)


def judge_days_present(subject: str, name: str, present: Collection[date], span: int) -> CheckResult:
    """Return the check that the last ``span`` days up to the newest of ``present`` have rows.

    Days before the first one of the table are not missed.
    """
    newest = max(present, default=None)
    wanted = [] if newest is None else [newest - timedelta(days=number) for number in range(span)]
    absent = sorted(day for day in wanted if day not in present and day > min(present))
    listed = list_days(absent)
    values = {"subject": subject, "days": listed, "count": len(absent), "span": span}
    problem = Problem("DAYS_MISSING", values) if absent else None
    return check_outcome(name, problem, listed if absent else "every day has rows", f"each of the last {span} days")


def list_days(days: Sequence[date]) -> str:
    """Return the first days as text, and how many more there are."""
    shown = ", ".join(day.isoformat() for day in days[:_SHOWN])
    return shown + (f", +{len(days) - _SHOWN}" if len(days) > _SHOWN else "")


def _judge_ends(batch: AuditInput, days: Sequence[date], totals: DayTotals, allowed: str) -> CheckResult:
    name, expected, column = (
        "day_freshness",
        f"≤ {allowed} before the end of the day",
        event_time_column(batch.contract),
    )
    if absent := batch.missing(name, (column,), expected):
        return absent
    limit, worst, early = parse_duration(allowed), timedelta(), []
    for day in days:
        newest = _newest_time(batch, day, totals, column)
        gap = timedelta(days=1) if newest is None else day_end(batch.contract, day, batch.zone) - newest
        worst = max(worst, gap)
        if gap > limit:
            early.append(day)
    values = {
        "dataset": batch.contract.dataset,
        "column": column,
        "days": list_days(early),
        "count": len(early),
        "allowed": allowed,
    }
    problem = Problem("DAY_ENDS_EARLY", values) if early else None
    observed = f"{list_days(early)}: up to {worst}" if early else f"up to {worst}" if days else "no complete day"
    return check_outcome(name, problem, observed, expected, warning=True)


def _newest_time(batch: AuditInput, day: date, totals: DayTotals, column: str) -> datetime | None:
    """The newest event time of a day after the commit, of its staged and its stored rows."""
    files = [*totals.files[day], *batch.history.files.get(day, ())]
    types = create_parquet_view(batch.connection, "day_all", files)
    if column not in types or not types[column].startswith("TIMESTAMP"):
        return None
    micros = batch.one(f"SELECT epoch_us(max({quote_column(column)})) FROM day_all")[0]
    return None if micros is None else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
