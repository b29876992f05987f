"""The steps as Airflow tasks: they pass ids and counts, and import everything heavy only when they run."""

from __future__ import annotations

from typing import Any

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowException, AirflowSkipException

from citylake.dags import assets
from citylake.dags.connections import use_airflow_connections
from citylake.dags.day_spans import NOTE_XCOM
from citylake.dags.lineage_operator import OperatorWatch, traced_task
from citylake.dags.run_note import delivery_run_note, delivery_words, mart_run_note
from citylake.dags.run_window import partition_span, run_days
from citylake.dags.task_errors import airflow_errors, bilingual_text, fail_task, lake_run_name

TaskResult = dict[str, Any]
"""A step's result as JSON, described in ``citylake.pipelines.flow.scheduler_tasks``."""


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
    """Pull the source. A failed or incomplete pull is retried; the last try continues with what was received."""
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
    """Evaluate the expectations on what is staged."""
    from citylake.pipelines.flow.scheduler_tasks import audit_task

    with airflow_errors():
        return audit_task(dataset, lake_run_name(run_id))


@traced_task
def commit(
    dataset: str, *, run_id: str | None = None, outlet_events: Any = None, dag_run: Any = None, ti: Any = None
) -> TaskResult:
    """Commit what passed, and emit the days that changed as asset partitions."""
    from citylake.pipelines.flow.scheduler_tasks import commit_task, settle_task

    use_airflow_connections()
    with airflow_errors():
        done = commit_task(dataset, lake_run_name(run_id), OperatorWatch(ti.task))
        if not done["committed"]:
            settle_task(dataset, lake_run_name(run_id))
    if not done["committed"]:
        fail_task(done["stopped"])
        raise AirflowSkipException(bilingual_text("dags.nothing_new", what=dataset))
    # A table without days changes as a whole; marts that read it get the day of the change.
    outlet_events[assets.standard_asset(dataset)].add_partitions(done["days"] or [f"{dag_run.run_after:%Y-%m-%d}"])
    return done


@task
def settle(dataset: str, committed: Any, *, run_id: str | None = None) -> None:
    """Move the state of the sources, then fail if a batch was held or a pull was incomplete: the rest is committed."""
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
    """Build what changed and is complete (if forced, also the run's days), check it, and publish a new version."""
    from citylake.pipelines.flow.scheduler_tasks import mart_task

    forced = partition_span(partition_key) if partition_key and params["force"] else None
    with airflow_errors():
        done = mart_task(mart, lake_run_name(run_id), forced, OperatorWatch(ti.task))
    ti.xcom_push(key=NOTE_XCOM, value=mart_run_note(done))
    if done["status"] == "unchanged" and ti.try_number == 1:
        raise AirflowSkipException(bilingual_text("dags.nothing_new", what=mart, told=done["told"]))
    # A table without days was built whole; marts that read it get the day of the build. The same holds if an earlier
    # try died between publishing and emitting the event.
    outlet_events[assets.mart_asset(mart)].add_partitions(done["days"] or [f"{dag_run.run_after:%Y-%m-%d}"])
    return done


@task
def due(mart: str, *, outlet_events: Any = None) -> list[str]:
    """Emit the days of the mart that have waited long enough."""
    from citylake.pipelines.flow.scheduler_tasks import due_task

    with airflow_errors():
        days = due_task(mart)
    if not days:
        raise AirflowSkipException(bilingual_text("dags.none_due", what=mart))
    outlet_events[assets.due_asset(mart)].add_partitions(days)
    return days


@task
def freshness() -> dict[str, list[str]]:
    """Notify the owners of late data; the run fails if a notification cannot be delivered."""
    from citylake.pipelines.flow.scheduler_tasks import freshness_task

    use_airflow_connections()
    with airflow_errors():
        done = freshness_task()
    if done["failed"]:
        raise AirflowException("\n".join(done["failed"]))
    return done


@task
def build_report(*, run_id: str | None = None) -> str:
    """Build the report site in the lake; the result is the path of its overview."""
    from citylake.pipelines.site.report.scheduled_report import report_task

    with airflow_errors():
        return report_task(lake_run_name(run_id))


@task
def deliver(delivery: str, *, run_id: str | None = None, ti: Any = None) -> TaskResult:
    """Hand over what the receiver does not have yet."""
    from citylake.pipelines.exchange.deliver.after_publication import deliver_task

    use_airflow_connections()
    with airflow_errors():
        done = deliver_task(delivery, lake_run_name(run_id))
    ti.xcom_push(key=NOTE_XCOM, value=delivery_run_note(done))
    if done["status"] in ("unchanged", "waiting"):
        raise AirflowSkipException(bilingual_text(f"deliveries.{done['status']}", **delivery_words(done)))
    return done


@task
def acknowledgements(*, run_id: str | None = None) -> list[str]:
    """Read the acknowledgements of every delivery; the run fails if one is late or could not be asked for."""
    from citylake.pipelines.exchange.deliver.after_publication import acknowledgements_task

    use_airflow_connections()
    with airflow_errors():
        done = acknowledgements_task(lake_run_name(run_id))
    fail_task(done["stopped"])
    return list(done["acknowledged"])
