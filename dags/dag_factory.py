"""DAGs from declarations: schedule, owner, retries, and one task per step."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, CronTriggerTimetable, Param

from citylake.dags import airflow_tasks, assets, upkeep_tasks
from citylake.dags.alerts import deadline_alert
from citylake.dags.dag_notes import build_note, dag_note, dataset_note, mart_note, step_note
from citylake.dags.partition_timetable import dataset_timetable, delivery_timetable, mart_timetable
from citylake.dags.pools import spark_pool
from citylake.dags.task_errors import bilingual_text
from citylake.pipelines.marts.make.mart_plan import mart_input_datasets
from citylake.schemas.model.contract import Contract, Schedule
from citylake.schemas.model.delivery import Delivery
from citylake.schemas.model.mart import Mart
from citylake.schemas.read.registry import Registry

DAG_OWNER = "citylake"


def dataset_dag(contract: Contract, registry: Registry) -> DAG:
    """Pull → parse → conform → audit → commit → settle of one dataset; the commit emits the days that it changed."""
    dataset = contract.dataset
    with DAG(
        dag_id=f"dataset.{dataset}",
        dag_display_name=f"{contract.title.zh} {contract.title.en}",
        schedule=dataset_timetable(contract.schedule),
        tags=["dataset", dataset.split(".")[0], contract.owner.department],
        doc_md=dataset_note(contract, registry),
        deadline=deadline_alert(contract),
        **_common_args(contract.owner.department),
    ) as dag:
        outlets = [assets.contract_asset(contract, registry)]
        committed = _step("commit", contract, outlets=outlets)(dataset)
        # Only the pull uses the pool, which limits the requests to a department.
        pulled = _step("pull", contract, pool=contract.owner.department)(dataset, *_schedule_args(contract.schedule))
        parsed = pulled >> _step("parse", contract)(dataset)
        parsed >> _step("conform", contract)(dataset) >> _step("audit", contract)(dataset) >> committed
        _step("settle", contract)(dataset, committed)
    return dag


def _step(name: str, contract: Contract, **settings: Any) -> Any:
    return getattr(airflow_tasks, name).override(doc_md=step_note(name, contract), **settings)


def mart_dag(mart: Mart, registry: Registry) -> DAG:
    """Build one mart when a table that it reads has changed: the days that are complete or have waited long enough."""
    with DAG(
        dag_id=f"mart.{mart.mart}",
        dag_display_name=f"{mart.title.zh} {mart.title.en}",
        schedule=mart_timetable(mart, registry),
        tags=["mart"],
        doc_md=mart_note(mart, sorted(mart_input_datasets(mart, registry)), registry),
        params={"force": Param(default=False, type="boolean", description=bilingual_text("dags.force"))},
        **_common_args(DAG_OWNER),
    ) as dag:
        settings = {"outlets": [assets.declared_mart_asset(mart)], "doc_md": build_note(mart)}
        # Marts on Spark queue for the endpoint, which is one for all workers.
        if pool := spark_pool(mart):
            settings["pool"] = pool
        airflow_tasks.build.override(**settings)(mart.mart)
    return dag


def delivery_dag(delivery: Delivery, registry: Registry) -> DAG:
    """Hand a mart or dataset to another department: after each publication, or only when it is triggered."""
    with DAG(
        dag_id=f"deliver.{delivery.delivery}",
        dag_display_name=f"{delivery.title.zh} {delivery.title.en}",
        schedule=delivery_timetable(delivery, registry),
        tags=["delivery", delivery.department],
        doc_md=dag_note("deliveries.dag_note"),
        **_common_args(DAG_OWNER),
    ) as dag:
        airflow_tasks.deliver(delivery.delivery)
    return dag


def acknowledgements_dag(registry: Registry) -> DAG:
    """Hourly: read the acknowledgements of deliveries."""
    with _by_clock("deliveries", "27 * * * *", registry, "deliveries.acknowledgements_note", "delivery") as dag:
        airflow_tasks.acknowledgements()
    return dag


def due_dag(registry: Registry) -> DAG:
    """Hourly: emit the days of marts that have waited long enough for a late department."""
    with _by_clock("marts.due", "7 * * * *", registry, "dags.due", "mart") as dag:
        for mart in registry.marts.values():
            if mart.wait:
                airflow_tasks.due.override(task_id=f"due_{mart.mart}", outlets=[assets.due_asset(mart.mart)])(mart.mart)
    return dag


def freshness_dag(registry: Registry) -> DAG:
    """Hourly: notify the owners of data that have become late, or fresh again."""
    with _by_clock("freshness", "17 * * * *", registry, "dags.freshness", DAG_OWNER) as dag:
        airflow_tasks.freshness()
    return dag


def upkeep_dag(registry: Registry) -> DAG:
    """Compaction of each table, retention, sweep, verification and digest: each alone, on the workspace's schedule."""
    cron = registry.workspace.settings.upkeep.cron
    with _by_clock("upkeep", cron, registry, "upkeep.dag_note", DAG_OWNER) as dag:
        upkeep_tasks.compact.expand(places=upkeep_tasks.tables())
        upkeep_tasks.retain()
        upkeep_tasks.sweep()
        upkeep_tasks.verify()
        upkeep_tasks.digest()
    return dag


def report_dag(registry: Registry) -> DAG:
    """Hourly: build the report site."""
    with _by_clock("report", "37 * * * *", registry, "site.dag_note", DAG_OWNER) as dag:
        airflow_tasks.build_report()
    return dag


def _by_clock(dag_id: str, cron: str, registry: Registry, words: str, tag: str) -> DAG:
    """A DAG that belongs to no single dataset, in the workspace's time zone."""
    schedule = CronTriggerTimetable(cron, timezone=registry.workspace.settings.timezone)
    return DAG(dag_id=dag_id, schedule=schedule, tags=[tag], doc_md=dag_note(words), **_common_args(DAG_OWNER))


def _schedule_args(schedule: Schedule | None) -> tuple[str | None, str, int]:
    return (schedule.cron, schedule.timezone, schedule.late_days) if schedule else (None, "UTC", 0)


def _common_args(owner: str) -> dict[str, Any]:
    """One run at a time, because a table has one writer; failures are retried after 1, 2, 4 and 8 minutes."""
    return {
        "catchup": False,
        "max_active_runs": 1,
        "default_args": {
            "owner": owner,
            "retries": 4,
            "retry_delay": timedelta(minutes=1),
            "retry_exponential_backoff": 2,
            "max_retry_delay": timedelta(hours=1),
        },
    }
