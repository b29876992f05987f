"""The steps as Airflow tasks: ids and counts go from one to the next, and everything heavy is imported as they run."""

from __future__ import annotations

from typing import Any

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowException, AirflowSkipException

from citylake.dags import assets
from citylake.dags.connections import use_airflow_connections
from citylake.dags.lineage_operator import OperatorWatch, traced_task
from citylake.dags.run_window import partition_span, run_days
from citylake.dags.task_errors import airflow_errors, bilingual_text, fail_task, lake_run_name

TaskResult = dict[str, Any]
"""A step's result as JSON: ``citylake.pipelines.flow.scheduler_tasks`` says what is in it."""


@task
def pull(
    dataset: str,
    cron: str | None,
    zone: str,
    late_days: int,
    *,
    run_id: str | None = None,
    partition_key: str | None = None,
    dag_run: Any = None,
    ti: Any = None,
) -> TaskResult:
    """Ask the source, again where it fails; the last try goes on with what came; the rest is told at the end."""
    from citylake.pipelines.flow.scheduler_tasks import pull_task

    by_clock = dag_run.run_type == "scheduled"
    days = run_days(partition_key, dag_run.run_after, cron, zone, late_days, by_clock=by_clock)
    use_airflow_connections()
    with airflow_errors():
        pulled = pull_task(dataset, lake_run_name(run_id), days)
    faulty = pulled.get("failed", 0) + pulled.get("incomplete", 0)
    if faulty and ti.try_number <= ti.max_tries:
        raise AirflowException(bilingual_text("dags.asked_again", what=dataset, pulled=pulled))
    return pulled


@task
def parse(dataset: str, *, run_id: str | None = None) -> TaskResult:
    """Bytes to text columns in the raw zone."""
    from citylake.pipelines.flow.scheduler_tasks import parse_task

    with airflow_errors():
        return parse_task(dataset, lake_run_name(run_id))


@task
def conform(dataset: str, *, run_id: str | None = None) -> TaskResult:
    """Text columns to staged standard and quarantine files."""
    from citylake.pipelines.flow.scheduler_tasks import conform_task

    with airflow_errors():
        return conform_task(dataset, lake_run_name(run_id))


@task
def audit(dataset: str, *, run_id: str | None = None) -> TaskResult:
    """Judge what is staged."""
    from citylake.pipelines.flow.scheduler_tasks import audit_task

    with airflow_errors():
        return audit_task(dataset, lake_run_name(run_id))


@traced_task
def commit(
    dataset: str, *, run_id: str | None = None, outlet_events: Any = None, dag_run: Any = None, ti: Any = None
) -> TaskResult:
    """Make what passed visible, and tell the days that changed."""
    from citylake.pipelines.flow.scheduler_tasks import commit_task, settle_task

    use_airflow_connections()
    with airflow_errors():
        done = commit_task(dataset, lake_run_name(run_id), OperatorWatch(ti.task))
        if not done["committed"]:
            settle_task(dataset, lake_run_name(run_id))
    if not done["committed"]:
        fail_task(done["stopped"])
        raise AirflowSkipException(bilingual_text("dags.nothing_new", what=dataset))
    # A table without days changes as a whole: for the marts that read it, on the day on which it did.
    outlet_events[assets.standard_asset(dataset)].add_partitions(done["days"] or [f"{dag_run.run_after:%Y-%m-%d}"])
    return done


@task
def settle(dataset: str, committed: Any, *, run_id: str | None = None) -> None:
    """Fail where a part was held or a source gave less than it should: what passed beside it has been told by now."""
    from citylake.pipelines.flow.scheduler_tasks import settle_task

    use_airflow_connections()
    with airflow_errors():
        settle_task(dataset, lake_run_name(run_id))
    fail_task(committed["stopped"])


@traced_task
def build(
    mart: str,
    *,
    run_id: str | None = None,
    partition_key: str | None = None,
    params: Any = None,
    outlet_events: Any = None,
    dag_run: Any = None,
    ti: Any = None,
) -> TaskResult:
    """Build what changed and is complete (and the run's days anew, if forced), judge it, and publish a new version."""
    from citylake.pipelines.flow.scheduler_tasks import mart_task

    forced = partition_span(partition_key) if partition_key and params["force"] else None
    with airflow_errors():
        done = mart_task(mart, lake_run_name(run_id), forced, OperatorWatch(ti.task))
    if done["status"] == "unchanged" and ti.try_number == 1:
        raise AirflowSkipException(bilingual_text("dags.nothing_new", what=mart, told=done["told"]))
    # A table without days was made whole: for the marts that read it, on the day on which it was. So is one of which a
    # task before this one may have died between publishing and telling.
    outlet_events[assets.mart_asset(mart)].add_partitions(done["days"] or [f"{dag_run.run_after:%Y-%m-%d}"])
    return done


@task
def due(mart: str, *, outlet_events: Any = None) -> list[str]:
    """Tell the mart the days that have waited long enough."""
    from citylake.pipelines.flow.scheduler_tasks import due_task

    with airflow_errors():
        days = due_task(mart)
    if not days:
        raise AirflowSkipException(bilingual_text("dags.none_due", what=mart))
    outlet_events[assets.due_asset(mart)].add_partitions(days)
    return days


@task
def freshness() -> dict[str, list[str]]:
    """Tell people whose data have become late; the run fails where nobody could be told."""
    from citylake.pipelines.flow.scheduler_tasks import freshness_task

    use_airflow_connections()
    with airflow_errors():
        done = freshness_task()
    if done["failed"]:
        raise AirflowException("\n".join(done["failed"]))
    return done
