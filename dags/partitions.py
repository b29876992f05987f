"""What one run of a DAG stands for: a day or an hour of a dataset, a day or a month of a mart."""

from __future__ import annotations

import re

from airflow.sdk import (
    AssetAny,
    CronPartitionTimetable,
    IdentityMapper,
    PartitionedAssetTimetable,
    PartitionedAtRuntime,
    StartOfMonthMapper,
)

from dags import assets
from pipelines.build.plan import read_by
from schemas.contract import Schedule
from schemas.mart import Mart
from schemas.registry import Registry

DAY, MINUTE, MONTH = "%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m"


def of_dataset(schedule: Schedule | None) -> CronPartitionTimetable | PartitionedAtRuntime:
    """A run is for the time since the tick before it; a dataset without a schedule waits to be triggered."""
    if schedule is None:
        return PartitionedAtRuntime()
    key = DAY if _once_a_day(schedule.cron) else MINUTE
    return CronPartitionTimetable(schedule.cron, timezone=schedule.timezone, run_offset=-1, key_format=key)


def of_mart(mart: Mart, registry: Registry) -> PartitionedAssetTimetable:
    """A run for each day that changed in a table, or for its month.

    A dataset tells days, however often it runs, so that hours need no mapping.
    """
    zone = registry.workspace.settings.timezone
    mapper = IdentityMapper() if mart.partition == "day" else StartOfMonthMapper(input_format=DAY, timezone=zone)
    return PartitionedAssetTimetable(assets=news_of(mart, registry), default_partition_mapper=mapper)


def news_of(mart: Mart, registry: Registry) -> AssetAny:
    """A change of any table that the mart reads, or the end of its patience.

    Not of all: late rows come from one department alone, and the others' days would never be told again. Which days
    are complete is seen in the lake, when they are to be built.
    """
    datasets, marts = read_by(mart, registry)
    tables = [assets.standard_of(registry.contracts[name], registry) for name in sorted(datasets)]
    tables += [assets.mart_of(registry.marts[name]) for name in sorted(marts)]
    return AssetAny(*tables, *([assets.due(mart.mart)] if mart.wait else []))


def _once_a_day(cron: str) -> bool:
    minute, hour, *_ = cron.split()
    return bool(re.fullmatch(r"\d+ \d+", f"{minute} {hour}"))
