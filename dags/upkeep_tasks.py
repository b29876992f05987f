"""The upkeep as Airflow tasks: compaction (one for each table or group of tables), retention, sweep, verification."""

from __future__ import annotations

from airflow.sdk import task

from citylake.dags.task_errors import airflow_errors, lake_run_name

_GROUP = "{{ task.op_kwargs['places'] | first }}{{ ' …' if task.op_kwargs['places'] | length > 1 }}"
"""The first table of a group, and a sign that there are more."""


@task
def tables(*, run_id: str | None = None) -> list[list[str]]:
    """The tables of the lake that are compacted, in no more groups than there should be tasks."""
    from citylake.pipelines.upkeep.scheduled_upkeep import tables_task

    with airflow_errors():
        return tables_task(lake_run_name(run_id))


@task(max_active_tis_per_dagrun=2, map_index_template=_GROUP)
def compact(places: list[str], *, run_id: str | None = None) -> list[str]:
    """Merge small files and checkpoint the log; a batch that is committed at the same time has priority."""
    from citylake.pipelines.upkeep.scheduled_upkeep import compact_task

    with airflow_errors():
        return compact_task(lake_run_name(run_id), places)


@task
def retain(*, run_id: str | None = None) -> list[str]:
    """Delete what is older than the workspace keeps."""
    from citylake.pipelines.upkeep.scheduled_upkeep import retain_task

    with airflow_errors():
        return retain_task(lake_run_name(run_id))


@task
def sweep(*, run_id: str | None = None) -> list[str]:
    """Delete files that nothing refers to."""
    from citylake.pipelines.upkeep.scheduled_upkeep import sweep_task

    with airflow_errors():
        return sweep_task(lake_run_name(run_id))


@task
def verify(*, run_id: str | None = None) -> list[str]:
    """Compare ledger, tables and files, and read a share of the files; findings fail the task."""
    from citylake.pipelines.upkeep.scheduled_upkeep import verify_task

    with airflow_errors():
        return verify_task(lake_run_name(run_id))


@task
def digest(*, run_id: str | None = None) -> list[str]:
    """Send yesterday's digests of runs and of people's acts, a department each; nothing without a channel for them."""
    from citylake.pipelines.acts.daily_digest import digest_task

    with airflow_errors():
        return digest_task(lake_run_name(run_id))
