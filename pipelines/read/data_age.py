"""The age of a dataset's newest data, from the ledger, compared with the freshness that its contract expects.

A successful run may bring no new data. The age is therefore that of the newest event in a committed batch, or of the
newest day. If the rows have no event time, it is that of the last successful fetch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from citylake.pipelines.context import RunContext
from citylake.pipelines.lake.ledger import Ledger
from citylake.quality.audit.event_time import dataset_zone, day_end, event_time_column
from citylake.quality.audit.freshness_check import NEWEST_PATTERN
from citylake.schemas.base.declaration import parse_duration
from citylake.schemas.model.contract import Contract

_COMMITTED = pl.col("status") == "committed"
_ANSWERED = pl.col("status").is_in(["received", "unchanged"])


@dataclass(frozen=True, slots=True)
class LastArrival:
    """The times of a dataset in the ledger, aware.

    ``day``: newest day of a committed batch that had begun; ``event``: newest event time up to then, found by a
    freshness check; ``answered_at``: last successful fetch.
    """

    committed_at: datetime
    day: date | None = None
    event: datetime | None = None
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DataAge:
    """The age of a dataset's newest data at ``now``."""

    contract: Contract | None
    known: LastArrival | None
    now: datetime

    @property
    def newest(self) -> datetime | None:
        """The time of the newest data, or None if nothing was committed yet.

        At most the time of the commit, because forecasts have event times in the future.
        """
        of, contract = self.known, self.contract
        if of is None:
            return None
        if contract and not event_time_column(contract):
            return of.answered_at or of.committed_at
        end = day_end(contract, of.day) if contract and of.day else None
        return min(of.event or end or of.committed_at, of.committed_at)

    @property
    def age(self) -> timedelta | None:
        """``now`` minus ``newest``."""
        return self.now - self.newest if self.newest else None

    @property
    def allowed(self) -> str | None:
        """The contract's ``expect.freshness``, or None."""
        return self.contract.expect.freshness if self.contract else None

    @property
    def late(self) -> bool | None:
        """Whether the data are older than allowed or absent; None if the contract sets no freshness."""
        if self.allowed is None:
            return None
        return self.age is None or self.age > parse_duration(self.allowed)

    @property
    def shown(self) -> str | None:
        """``newest`` as text in the dataset's time zone, to the minute."""
        zone = dataset_zone(self.contract) if self.contract else UTC
        return f"{self.newest.astimezone(zone):%Y-%m-%d %H:%M}" if self.newest else None

    def document(self) -> dict[str, Any]:
        """Return the fields ready for JSON; null if no freshness is set, or nothing was committed."""
        of = self.known
        return {
            "newest": self.newest.isoformat() if self.newest else None,
            "day": of.day.isoformat() if of and of.day else None,
            "committed_at": of.committed_at.isoformat() if of else None,
            "allowed": self.allowed,
            "age_seconds": round(self.age.total_seconds()) if self.age else None,
            "late": self.late,
        }


def dataset_ages(context: RunContext, now: datetime) -> list[DataAge]:
    """Return the age of every dataset with ``expect.freshness``, late ones first."""
    times = last_arrivals(context.ledger)
    promised = [contract for contract in context.registry.contracts.values() if contract.expect.freshness]
    found = [DataAge(contract, times.get(contract.dataset), now) for contract in promised]
    return sorted(found, key=lambda each: not each.late)


def last_arrivals(ledger: Ledger) -> Mapping[str, LastArrival]:
    """Return dataset → times, for the datasets with a committed batch."""
    committed = ledger.scan("batches").filter(_COMMITTED)
    # Local days may be a day ahead of UTC. A later day, or an event after its check (recorded by earlier versions), is
    # wrong or a forecast, and would keep the data fresh for ever.
    past = pl.col("days") <= pl.col("recorded_at").dt.date().dt.offset_by("1d")
    newest = pl.col("days").filter(past).max().alias("day")
    days = committed.explode("days", empty_as_null=True).group_by("dataset").agg(pl.col("recorded_at").max(), newest)
    moment = (
        pl.col("observed")
        .str.extract(NEWEST_PATTERN)
        .str.to_datetime("%Y-%m-%d %H:%M%:z", time_zone="UTC", strict=False)
    )
    judged = ledger.scan("checks").filter(pl.col("name") == "freshness").join(committed, on="batch", how="semi")
    happened = moment.filter(moment <= pl.col("recorded_at")).max().alias("event")
    events = judged.group_by(dataset="subject").agg(happened)
    answers = ledger.scan("receipts").filter(_ANSWERED).group_by("dataset").agg(pl.col("requested_at").max())
    found = days.join(events, on="dataset", how="left").join(answers, on="dataset", how="left")
    rows = found.select("dataset", "recorded_at", "day", "event", "requested_at").collect(engine="streaming")
    return {dataset: LastArrival(*times) for dataset, *times in rows.iter_rows()}
