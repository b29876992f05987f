"""The days of a mart that a change of an input can reach."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from citylake.pipelines.history.diff.input_events import InputEvent
from citylake.pipelines.marts.make.shifted_days import affected_days
from citylake.schemas.model.mart import Mart
from citylake.schemas.read.registry import Registry


def reached_days(event: InputEvent, mart: Mart, registry: Registry | None) -> frozenset[date] | None:
    """The days of the mart's tables whose rows ``event`` can change; None: any.

    A day of an input also changes the days after it that look back on it.
    """
    if event.days is None or registry is None or not is_by_day(event.input, registry):
        return None
    return spread_days(event.input, event.days, mart, registry)


def spread_days(dataset: str, days: Iterable[date], mart: Mart, registry: Registry) -> frozenset[date]:
    """The mart's days that read one of the dataset's ``days``."""
    at = datetime.now(UTC)
    own = affected_days(dataset, registry, dict.fromkeys(days, at)) or {}
    return frozenset(day + timedelta(n) for day in own for n in range(lookback_days(mart) + 1))


def lookback_days(mart: Mart) -> int:
    """How far the mart's tables look back at most, one through the other."""
    return sum(table.lookback_days for table in mart.tables.values())


def is_by_day(dataset: str, registry: Registry) -> bool:
    """Whether the days that a batch notes are all that it changes: the dataset's table is partitioned by day."""
    contract = registry.contracts.get(dataset)
    return contract is not None and (contract.write.partition or "").startswith("day(")
