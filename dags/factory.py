"""From a declaration to a DAG: its schedule, its owner, its retries, and one task a step."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, CronPartitionTimetable, Param, PartitionedAssetTimetable, PartitionedAtRuntime

from dags import steps
from dags.assets import any_of, mart_asset, standard_asset
from dags.notes import dataset_note, mart_note
from pipelines.build.plan import inputs
from schemas.contract import Contract, Schedule
from schemas.mart import Mart
from schemas.registry import Registry


def dataset_dag(contract: Contract, registry: Registry) -> DAG:
    """Pull → parse → conform → audit → commit → settle of one dataset; the commit tells the days that it changed."""
    dataset = contract.dataset
    with DAG(
        dag_id=f"dataset.{dataset}",
        dag_display_name=f"{contract.title.zh} {contract.title.en}",
        schedule=_schedule(contract.schedule),
        tags=["dataset", dataset.split(".")[0], contract.owner.department],
        doc_md=dataset_note(contract, registry),
        **_shared(contract.owner.department, pool=contract.owner.department),
    ) as dag:
        committed = steps.commit.override(outlets=[standard_asset(dataset)])(dataset)
        pulled = steps.pull(dataset, *_asked(contract.schedule))
        conformed = pulled >> steps.parse(dataset) >> steps.conform(dataset)
        conformed >> steps.audit(dataset) >> committed
        steps.settle(dataset, committed)
    return dag


def mart_dag(mart: Mart, registry: Registry) -> DAG:
    """Ready → build of one mart, for each day that a dataset it reads has changed."""
    read = sorted(inputs(mart, registry))
    with DAG(
        dag_id=f"mart.{mart.mart}",
        dag_display_name=f"{mart.title.zh} {mart.title.en}",
        schedule=PartitionedAssetTimetable(assets=any_of(read)),
        tags=["mart"],
        doc_md=mart_note(mart, read, registry),
        params={"force": Param(default=False, type="boolean", description="build though an input has no rows")},
        **_shared("citylake"),
    ) as dag:
        steps.ready(mart.mart) >> steps.build.override(outlets=[mart_asset(mart.mart)])(mart.mart)
    return dag


def _schedule(schedule: Schedule | None) -> CronPartitionTimetable | PartitionedAtRuntime:
    """A run is for the time since the tick before it; a dataset without a schedule waits to be triggered."""
    if schedule is None:
        return PartitionedAtRuntime()
    return CronPartitionTimetable(schedule.cron, timezone=schedule.timezone, run_offset=-1)


def _asked(schedule: Schedule | None) -> tuple[str, int]:
    return (schedule.timezone, schedule.late_days) if schedule else ("UTC", 0)


def _shared(owner: str, **task_settings: Any) -> dict[str, Any]:
    """One run at a time, for one table has one writer; what fails is tried again after 1, 2, 4 and 8 minutes."""
    return {
        "catchup": False,
        "max_active_runs": 1,
        "default_args": {
            "owner": owner,
            "retries": 4,
            "retry_delay": timedelta(minutes=1),
            "retry_exponential_backoff": 2,
            "max_retry_delay": timedelta(hours=1),
            **task_settings,
        },
    }
