"""How old a dataset's data are: by the newest event that a committed batch brought, else by its days, else its time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from pipelines.ledger import Ledger
from quality.audit.freshness import NEWEST
from schemas.contract import Contract
from schemas.declaration import length

_COMMITTED = pl.col("status") == "committed"


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger knows of a dataset's time. ``event``: the newest that a check of freshness saw."""

    committed_at: datetime
    day: date | None = None
    event: datetime | None = None


def known(ledger: Ledger) -> Mapping[str, Known]:
    """By dataset, of those that have a committed batch."""
    committed = ledger.scan("batches").filter(_COMMITTED)
    days = committed.group_by("dataset").agg(pl.col("at").max(), pl.col("days").list.max().max().alias("day"))
    moment = pl.col("observed").str.extract(NEWEST).str.to_datetime("%Y-%m-%d %H:%M%:z", time_zone="UTC", strict=False)
    judged = ledger.scan("checks").filter(pl.col("name") == "freshness").join(committed, on="batch", how="semi")
    events = judged.group_by(dataset="subject").agg(moment.max().alias("event"))
    found = days.join(events, on="dataset", how="left").collect(engine="streaming")
    return {dataset: Known(at, day, event) for dataset, at, day, event in found.iter_rows()}


def freshness(contract: Contract | None, of: Known | None, now: datetime) -> dict[str, Any]:
    """``newest``, ``age_seconds``, ``allowed`` and ``late``: null where nothing is promised, or nothing came."""
    allowed = contract.expect.freshness if contract else None
    if of is None:
        return dict.fromkeys(("newest", "day", "committed_at", "age_seconds", "late")) | {"allowed": allowed}
    # What is dated after it came is a forecast: it is as fresh as its coming.
    newest = min(of.event or _end(contract, of.day) or of.committed_at, of.committed_at)
    age = now - newest
    return {
        "newest": newest.isoformat(),
        "day": of.day.isoformat() if of.day else None,
        "committed_at": of.committed_at.isoformat(),
        "allowed": allowed,
        "age_seconds": round(age.total_seconds()),
        "late": age > length(allowed) if allowed else None,
    }


def _end(contract: Contract | None, day: date | None) -> datetime | None:
    """A day is only known once it is over."""
    if day is None:
        return None
    zone = ZoneInfo(contract.schedule.timezone) if contract and contract.schedule else UTC
    return datetime.combine(day + timedelta(days=1), time(), zone)
