"""The steps as Airflow tasks: ids and counts go from one to the next, and everything heavy is imported as they run."""

from __future__ import annotations

from typing import Any

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowException, AirflowSkipException

from dags import assets
from dags.connections import use_airflow_connections
from dags.outcome import both, halt, run_name, told
from dags.traced import Seen, traced
from dags.window import days_of, span_of

Result = dict[str, Any]
"""A step's result as JSON: ``pipelines.tasks`` says what is in it."""


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
) -> Result:
    """Ask the source, again where it fails; the last try goes on with what came; the rest is told at the end."""
    from pipelines.tasks import pull_task

    by_clock = dag_run.run_type == "scheduled"
    days = days_of(partition_key, dag_run.run_after, cron, zone, late_days, by_clock=by_clock)
    use_airflow_connections()
    with told():
        pulled = pull_task(dataset, run_name(run_id), days)
    faulty = pulled.get("failed", 0) + pulled.get("incomplete", 0)
    if faulty and ti.try_number <= ti.max_tries:
        raise AirflowException(both("dags.asked_again", what=dataset, pulled=pulled))
    return pulled


@task
def parse(dataset: str, *, run_id: str | None = None) -> Result:
    """Bytes to text columns in the raw zone."""
    from pipelines.tasks import parse_task

    with told():
        return parse_task(dataset, run_name(run_id))


@task
def conform(dataset: str, *, run_id: str | None = None) -> Result:
    """Text columns to staged standard and quarantine files."""
    from pipelines.tasks import conform_task

    with told():
        return conform_task(dataset, run_name(run_id))


@task
def audit(dataset: str, *, run_id: str | None = None) -> Result:
    """Judge what is staged."""
    from pipelines.tasks import audit_task

    with told():
        return audit_task(dataset, run_name(run_id))


@traced
def commit(
    dataset: str, *, run_id: str | None = None, outlet_events: Any = None, dag_run: Any = None, ti: Any = None
) -> Result:
    """Make what passed visible, and tell the days that changed."""
    from pipelines.tasks import commit_task, settle_task

    use_airflow_connections()
    with told():
        done = commit_task(dataset, run_name(run_id), Seen(ti.task))
    if not done["committed"]:
        settle_task(dataset, run_name(run_id))
        halt(done["stopped"])
        raise AirflowSkipException(both("dags.nothing_new", what=dataset))
    # A table without days changes as a whole: for the marts that read it, on the day on which it did.
    outlet_events[assets.standard(dataset)].add_partitions(done["days"] or [f"{dag_run.run_after:%Y-%m-%d}"])
    return done


@task
def settle(dataset: str, committed: Any, *, run_id: str | None = None) -> None:
    """Fail where a part was held or a source gave less than it should: what passed beside it has been told by now."""
    from pipelines.tasks import settle_task

    settle_task(dataset, run_name(run_id))
    halt(committed["stopped"])


@traced
def build(
    mart: str,
    *,
    run_id: str | None = None,
    partition_key: str | None = None,
    params: Any = None,
    outlet_events: Any = None,
    dag_run: Any = None,
    ti: Any = None,
) -> Result:
    """Build what changed and is complete (and the run's days anew, if forced), judge it, and publish a new version."""
    from pipelines.tasks import mart_task

    forced = span_of(partition_key) if partition_key and params["force"] else None
    with told():
        done = mart_task(mart, run_name(run_id), forced, Seen(ti.task))
    if done["status"] == "unchanged" and ti.try_number == 1:
        raise AirflowSkipException(both("dags.nothing_new", what=mart, told=done["told"]))
    # A table without days was made whole: for the marts that read it, on the day on which it was. So is one of which a
    # task before this one may have died between publishing and telling.
    outlet_events[assets.mart(mart)].add_partitions(done["days"] or [f"{dag_run.run_after:%Y-%m-%d}"])
    return done


@task
def due(mart: str, *, outlet_events: Any = None) -> list[str]:
    """Tell the mart the days that have waited long enough."""
    from pipelines.tasks import due_task

    with told():
        days = due_task(mart)
    if not days:
        raise AirflowSkipException(both("dags.none_due", what=mart))
    outlet_events[assets.due(mart)].add_partitions(days)
    return days


@task
def freshness() -> dict[str, list[str]]:
    """Tell people whose data have become late; the run fails where nobody could be told."""
    from pipelines.tasks import freshness_task

    use_airflow_connections()
    with told():
        done = freshness_task()
    if done["failed"]:
        raise AirflowException("\n".join(done["failed"]))
    return done
