"""The steps as Airflow tasks: ids and counts go from one to the next, and everything heavy is imported as they run."""

from __future__ import annotations

from typing import Any

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowException, AirflowSkipException

from dags.assets import standard_asset
from dags.connections import use_airflow_connections
from dags.outcome import halt, run_name, told
from dags.window import days_of

Result = dict[str, Any]
"""A step's result as JSON: ``pipelines.tasks`` says what is in it."""


@task
def pull(
    dataset: str,
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

    days = days_of(partition_key, dag_run.run_after, zone, late_days)
    use_airflow_connections()
    with told():
        pulled = pull_task(dataset, run_name(run_id), days)
    faulty = pulled.get("failed", 0) + pulled.get("incomplete", 0)
    if faulty and ti.try_number <= ti.max_tries:
        raise AirflowException(f"{dataset}: {pulled}")
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


@task
def commit(dataset: str, *, run_id: str | None = None, outlet_events: Any = None, dag_run: Any = None) -> Result:
    """Make what passed visible, and tell the days that changed."""
    from pipelines.tasks import commit_task, settle_task

    use_airflow_connections()
    with told():
        done = commit_task(dataset, run_name(run_id))
    if not done["committed"]:
        settle_task(dataset, run_name(run_id))
        halt(done["stopped"])
        raise AirflowSkipException(f"{dataset}: nothing new")
    # A table without days changes as a whole: for the marts that read it, on the day on which it did.
    outlet_events[standard_asset(dataset)].add_partitions(done["days"] or [f"{dag_run.run_after:%Y-%m-%d}"])
    return done


@task
def settle(dataset: str, committed: Any, *, run_id: str | None = None) -> None:
    """Fail where a part was held or a source gave less than it should: what passed beside it has been told by now."""
    from pipelines.tasks import settle_task

    settle_task(dataset, run_name(run_id))
    halt(committed["stopped"])


@task
def ready(mart: str, *, partition_key: str | None = None, params: Any = None) -> None:
    """Skip the day while a dataset that the mart reads has no rows of it."""
    from pipelines.tasks import waits_for

    if partition_key is None or params["force"]:
        return
    with told():
        waiting = waits_for(mart, partition_key)
    if waiting:
        raise AirflowSkipException(f"{mart} {partition_key}: {', '.join(waiting)}")


@task
def build(mart: str, *, run_id: str | None = None, partition_key: str | None = None, params: Any = None) -> Result:
    """Build what changed (and the run's day anew, if forced), judge it, and publish a new version."""
    from pipelines.tasks import mart_task

    forced = (partition_key, partition_key) if partition_key and params["force"] else None
    with told():
        done = mart_task(mart, run_name(run_id), forced)
    if done["status"] == "unchanged":
        raise AirflowSkipException(f"{mart}: nothing new")
    return done
