"""How old the newest data of each dataset are, against what its contract promises.

A run that ends well may bring nothing new: only the table tells.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import polars as pl

from pipelines.commit.table import existing, partition_column
from pipelines.context import Context
from pipelines.lake import Lake
from quality.audit.freshness import day_end, event_column, zone_of
from schemas.contract import Contract
from schemas.declaration import length

_HEARD = ("received", "unchanged")


@dataclass(frozen=True, slots=True)
class Age:
    """``newest``: the newest event; where rows tell no time, when the source last answered. None: never."""

    contract: Contract
    newest: datetime | None
    now: datetime

    @property
    def age(self) -> timedelta | None:
        """How long ago that was."""
        return self.now - self.newest if self.newest else None

    @property
    def late(self) -> bool:
        """Whether the promise is broken."""
        return self.age is None or self.age > length(self.contract.expect.freshness or "")

    @property
    def shown(self) -> str | None:
        """``newest`` in the dataset's own zone, to the minute."""
        return f"{self.newest.astimezone(zone_of(self.contract)):%Y-%m-%d %H:%M}" if self.newest else None


def ages(context: Context, now: datetime) -> list[Age]:
    """Every dataset that promises ``expect.freshness``, the late ones first."""
    promised = [contract for contract in context.registry.contracts.values() if contract.expect.freshness]
    found = [Age(contract, _newest(context, contract), now) for contract in promised]
    return sorted(found, key=lambda each: (not each.late, each.contract.dataset))


def _newest(context: Context, contract: Contract) -> datetime | None:
    column = event_column(contract)
    if not column:
        heard = context.ledger.receipts_of(contract.dataset, _HEARD)
        return heard["requested_at"].max() if heard.height else None  # type: ignore[return-value]
    value = _greatest(context.lake, contract, column)
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=zone_of(contract)).astimezone(UTC)
    return day_end(contract, value) if isinstance(value, date) else None


def _greatest(lake: Lake, contract: Contract, column: str) -> object:
    """The greatest value of ``column``, read from the newest partition alone."""
    table = existing(lake, lake.standard(contract.dataset))
    if table is None:
        return None
    rows = pl.scan_delta(table, storage_options=lake.storage_options)
    part = partition_column(contract)
    known = [value for each in table.partitions() if (value := each.get(part or ""))]
    if known:
        newest = max(known)
        rows = rows.filter(pl.col(str(part)) == (date.fromisoformat(newest) if part == "_day" else newest))
    return rows.select(pl.col(column).max()).collect(engine="streaming").item()
