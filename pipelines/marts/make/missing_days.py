"""Days that some of a mart's datasets have and others lack: because of a late department, most often."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta

from citylake.pipelines.commit.table_schema import table_partition_column
from citylake.pipelines.lake.delta_table import open_delta_if_exists
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.records import DataGap
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry

MissingDays = Mapping[date, tuple[str, ...]]
"""Day → the datasets that have no rows of it."""


def find_missing_days(lake: Lake, registry: Registry, datasets: Iterable[str]) -> MissingDays:
    """The days of which at least one of the ``datasets`` has rows and at least one other has none.

    Only datasets that are kept by day and have rows of every day count. The days before a dataset's first are not
    lacking; a dataset without any rows lacks them all.
    """
    by_day = [name for name in sorted(datasets) if is_daily_dataset(registry.contracts[name])]
    # One alone has no other to lack anything.
    held = {name: stored_days(lake, name) for name in by_day} if len(by_day) > 1 else {}
    first = {name: min(days) for name, days in held.items() if days}
    found = {
        day: tuple(name for name, days in held.items() if day not in days and day >= first.get(name, day))
        for day in sorted(set().union(*held.values()))
    }
    return {day: names for day, names in found.items() if names}


def is_daily_dataset(contract: Contract) -> bool:
    """Whether a day without rows is one that has not come yet."""
    return table_partition_column(contract) == "_day" and contract.expect.every_day


def stored_days(lake: Lake, dataset: str) -> set[date]:
    """The days of which the standard table has rows."""
    table = open_delta_if_exists(lake, lake.standard(dataset))
    days = (part["_day"] for part in (table.partitions() if table else ()))
    return {date.fromisoformat(day) for day in days if day}


def summarize_gaps(missing: MissingDays, registry: Registry, without: Collection[date] = ()) -> tuple[DataGap, ...]:
    """What is ``missing`` by dataset, as spans of days; but for the days in ``without``."""
    days: dict[str, list[date]] = {}
    for day, names in sorted(missing.items()):
        for name in names if day not in without else ():
            days.setdefault(name, []).append(day)
    owners = {name: registry.contracts[name].owner.department for name in days}
    return tuple(DataGap(name, owners[name], _spans(days[name])) for name in sorted(days))


def _spans(days: Iterable[date]) -> tuple[tuple[date, date], ...]:
    spans: list[tuple[date, date]] = []
    for day in days:
        joined = bool(spans) and day - spans[-1][1] == timedelta(1)
        spans[-1:] = [(spans[-1][0], day)] if joined else [*spans[-1:], (day, day)]
    return tuple(spans)
