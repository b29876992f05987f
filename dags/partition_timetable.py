"""The partition of a DAG run: a day or an hour of a dataset, the days of a mart."""

from __future__ import annotations

import re

from airflow.sdk import Asset, AssetAny, CronTriggerTimetable, PartitionedAssetTimetable, PartitionedAtRuntime

from citylake.dags import assets
from citylake.dags.plugin.gathered_days import GatheredDays
from citylake.dags.plugin.local_timetable import LocalPartitionTimetable
from citylake.pipelines.marts.make.mart_plan import linked_datasets, mart_sources
from citylake.schemas.model.contract import Schedule
from citylake.schemas.model.delivery import Delivery
from citylake.schemas.model.mart import Mart
from citylake.schemas.read.registry import Registry

DAY, MINUTE = "%Y-%m-%d", "%Y-%m-%dT%H:%M"


def dataset_timetable(schedule: Schedule | None) -> LocalPartitionTimetable | PartitionedAtRuntime:
    """A run covers the time since the tick before it; a dataset without a schedule runs only if triggered."""
    if schedule is None:
        return PartitionedAtRuntime()
    key = DAY if _once_a_day(schedule.cron) else MINUTE
    return LocalPartitionTimetable(schedule.cron, timezone=schedule.timezone, run_offset=-1, key_format=key)


def mart_timetable(mart: Mart, registry: Registry) -> PartitionedAssetTimetable:
    """A run for all days that changed in a table since the run before it began, or for those of a month.

    A dataset emits days, however often it runs, so hours need no mapping.
    """
    return _gathered(mart_triggers(mart, registry), f"mart.{mart.mart}", by_month=mart.partition == "month")


def delivery_timetable(
    delivery: Delivery, registry: Registry
) -> PartitionedAssetTimetable | PartitionedAtRuntime | CronTriggerTimetable:
    """A run after each publication, for all that were published since the run before it began; or by the clock."""
    if delivery.cron is not None:
        return CronTriggerTimetable(delivery.cron, timezone=registry.workspace.settings.timezone)
    if delivery.after == "command":
        return PartitionedAtRuntime()
    kind, name = delivery.subject
    mart = kind == "mart"
    asset = assets.declared_mart_asset(registry.marts[name]) if mart else _standard(name, registry)
    return _gathered(AssetAny(asset), f"deliver.{delivery.delivery}")


def _gathered(triggers: AssetAny, dag_id: str, *, by_month: bool = False) -> PartitionedAssetTimetable:
    # A mapper of a plugin is one of Airflow's core, which the Task SDK's types do not know.
    mapper = GatheredDays(dag_id, by_month=by_month)
    return PartitionedAssetTimetable(assets=triggers, default_partition_mapper=mapper)  # type: ignore[arg-type]


def _standard(dataset: str, registry: Registry) -> Asset:
    return assets.contract_asset(registry.contracts[dataset], registry)


def mart_triggers(mart: Mart, registry: Registry) -> AssetAny:
    """Runs when any table that the mart reads changes, or when its waiting time ends.

    Not only when all have changed: late rows come from one department, and the others do not emit the same days again.
    The task itself reads from the lake which days are complete. Datasets that only links are made from count, too.
    """
    datasets, marts = mart_sources(mart, registry)
    datasets |= linked_datasets(mart, registry)
    tables = [_standard(name, registry) for name in sorted(datasets)]
    tables += [assets.declared_mart_asset(registry.marts[name]) for name in sorted(marts)]
    return AssetAny(*tables, *([assets.due_asset(mart.mart)] if mart.wait else []))


def _once_a_day(cron: str) -> bool:
    minute, hour, *_ = cron.split()
    return bool(re.fullmatch(r"\d+ \d+", f"{minute} {hour}"))
