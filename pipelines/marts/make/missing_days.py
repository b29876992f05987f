"""Days that some of a mart's datasets have and others lack, usually because a department is late."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta

from citylake.pipelines.commit.table_schema import table_partition_column
from citylake.pipelines.lake.delta_table import delta_version, open_delta_if_exists
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.records import DataGap
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry

MissingDays = Mapping[date, tuple[str, ...]]
"""Day → the datasets without rows for it."""


def current_versions(lake: Lake, datasets: Iterable[str]) -> dict[str, int]:
    """Return dataset → version of its standard table; -1: it has none."""
    return {name: delta_version(lake, lake.standard(name)) for name in sorted(datasets)}


def find_missing_days(lake: Lake, registry: Registry, versions: Mapping[str, int]) -> MissingDays:
    """Return the days for which at least one dataset of ``versions`` has rows, in that version, and one has none.

    Considers only datasets that are partitioned by day and expected every day. Days before a dataset's first day are
    not missing; for a dataset without rows, all days are missing.
    """
    by_day = [name for name in sorted(versions) if is_daily_dataset(registry.contracts[name])]
    # With a single dataset there is nothing to compare.
    held = {name: stored_days(lake, name, versions[name]) for name in by_day} if len(by_day) > 1 else {}
    first = {name: min(days) for name, days in held.items() if days}
    found = {
        day: tuple(name for name, days in held.items() if day not in days and day >= first.get(name, day))
        for day in sorted(set().union(*held.values()))
    }
    return {day: names for day, names in found.items() if names}


def is_daily_dataset(contract: Contract) -> bool:
    """Return whether the dataset is expected to have rows every day, so that a day without rows is missing."""
    return table_partition_column(contract) == "_day" and contract.expect.every_day


def stored_days(lake: Lake, dataset: str, version: int) -> set[date]:
    """Return the days for which the standard table has rows in ``version`` (-1: there is no table)."""
    table = open_delta_if_exists(lake, lake.standard(dataset), version) if version >= 0 else None
    days = (part["_day"] for part in (table.partitions() if table else ()))
    return {date.fromisoformat(day) for day in days if day}


def summarize_gaps(missing: MissingDays, registry: Registry, without: Collection[date] = ()) -> tuple[DataGap, ...]:
    """Return the missing days by dataset, as spans, without the days in ``without``."""
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
