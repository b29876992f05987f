"""The upkeep as Airflow tasks: a table each where tables are compacted; what is old; and what nothing names."""

from __future__ import annotations

from airflow.sdk import task

from dags.outcome import run_name, told


@task
def tables(*, run_id: str | None = None) -> list[str]:
    """The tables of the lake that are compacted."""
    from pipelines.upkeep.tasks import tables_task

    with told():
        return tables_task(run_name(run_id))


@task(max_active_tis_per_dagrun=2, map_index_template="{{ task.op_kwargs['place'] }}")
def compact(place: str, *, run_id: str | None = None) -> list[str]:
    """Put small files together and sum up the log; batches that are committed meanwhile go first."""
    from pipelines.upkeep.tasks import compact_task

    with told():
        return compact_task(run_name(run_id), place)


@task
def retain(*, run_id: str | None = None) -> list[str]:
    """Take away what the workspace keeps no longer."""
    from pipelines.upkeep.tasks import retain_task

    with told():
        return retain_task(run_name(run_id))


@task
def sweep(*, run_id: str | None = None) -> list[str]:
    """Take away what nothing names."""
    from pipelines.upkeep.tasks import sweep_task

    with told():
        return sweep_task(run_name(run_id))
