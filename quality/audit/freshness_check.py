"""Freshness: the age of the newest event in a batch. A batch that arrives on time can still hold old data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from citylake.quality.audit.audit_input import AuditInput, check_outcome
from citylake.quality.check_result import CheckResult
from citylake.quality.duckdb_views import quote_column
from citylake.schemas.base.declaration import parse_duration
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import Problem

NEWEST_PATTERN = r"\((\d{4}-\d\d-\d\d \d\d:\d\d[+-]\d\d:\d\d)\)$"
"""Matches the newest event time at the end of ``CheckResult.observed``."""


def check_freshness(batch: AuditInput) -> Iterator[CheckResult]:
    """Yield a warning if the newest event time is older than ``expect.freshness``.

    A warning does not hold the batch, because old data are better than none. Yields nothing if the contract sets no
    freshness or has no event time column; the age of such a dataset is that of its last successful pull.
    """
    allowed, column = batch.contract.expect.freshness, event_time_column(batch.contract)
    if allowed is None or not column:
        return
    absent = batch.missing("freshness", (column,), f"≤ {allowed}")
    yield absent or _judge(batch, column, allowed)


def _judge(batch: AuditInput, column: str, allowed: str) -> CheckResult:
    newest = _newest(batch, column) if batch.columns else None
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


def event_time_column(contract: Contract) -> str:
    """Return the standard column that holds the event time, or an empty string if the contract names none."""
    write = contract.write
    return re.sub(r"^\w+\((\w+)\)$", r"\1", write.partition) if write.partition else write.latest_by or ""


def _newest(batch: AuditInput, column: str) -> datetime | None:
    kind, name = batch.columns[column], quote_column(column)
    if kind == "DATE":
        day = batch.one(f"SELECT max({name}) FROM staged")[0]
        return day_end(batch.contract, day) if day else None
    micros = batch.one(f"SELECT epoch_us(max(try_cast({name} AS {_moment_sql(kind)}))) FROM staged")[0]
    if micros is None:
        return None
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
    return moment if kind.endswith("TIME ZONE") else moment.replace(tzinfo=dataset_zone(batch.contract))


def _moment_sql(kind: str) -> str:
    return kind if kind.startswith("TIMESTAMP") else "TIMESTAMP"


def day_end(contract: Contract, day: date) -> datetime:
    """Return the end of ``day`` in the dataset's zone. A day's data are complete, and start to age, when it ends."""
    return datetime.combine(day + timedelta(days=1), time(), dataset_zone(contract))


def dataset_zone(contract: Contract) -> ZoneInfo:
    """Return the time zone of the dataset's local times: the contract's, else its schedule's, else UTC."""
    return ZoneInfo(contract.zone or (contract.schedule.timezone if contract.schedule else "UTC"))
