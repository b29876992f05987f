"""Two commits that report the same day of two assets in the same moment, and what the scheduler makes of it.

The arguments are the mart's DAG and the two assets. Prints for a commit without citylake's listener and for one with it
the pending runs after the commits, those after the listeners, and the scheduler's runs with the number of their events.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from airflow.assets.manager import AssetManager
from airflow.jobs.job import Job
from airflow.jobs.scheduler_job_runner import SchedulerJobRunner
from airflow.models.asset import AssetModel, AssetPartitionDagRun
from airflow.models.dag import DagModel
from airflow.models.dagrun import DagRun
from airflow.utils.session import create_session
from sqlalchemy import func, select, update

from tests.dags.backfill import ask

DAG, *ASSETS = sys.argv[1:]


def commit_both(day: str) -> list[Callable[[], None]]:
    """Write an event of each asset in a transaction of its own, both open at once; the callbacks that follow."""
    after: list[Callable[[], None]] = []
    with create_session(scoped=False) as one, create_session(scoped=False) as other:
        for session, name in zip((one, other), ASSETS, strict=True):
            model = session.scalars(select(AssetModel).where(AssetModel.name == name)).one()
            AssetManager.register_asset_change(
                asset=model.to_serialized(), partition_key=day, callback_sink=after, session=session
            )
            session.flush()
    return after


def pending(day: str) -> int:
    mine = (AssetPartitionDagRun.partition_key == day, AssetPartitionDagRun.created_dag_run_id.is_(None))
    with create_session(scoped=False) as session:
        return session.scalar(select(func.count()).select_from(AssetPartitionDagRun).where(*mine)) or 0


def schedule(runner: SchedulerJobRunner, day: str) -> list[int]:
    """What the scheduler does in its loop; the number of events of each run of the day."""
    with create_session(scoped=False) as session:
        runner._create_dagruns_for_partitioned_asset_dags(session)
    with create_session(scoped=False) as session:
        runs = session.scalars(select(DagRun).where(DagRun.dag_id == DAG, DagRun.partition_key == day))
        return [len(run.consumed_asset_events) for run in runs]


def story(runner: SchedulerJobRunner, day: str, *, listen: bool) -> dict[str, Any]:
    after = commit_both(day)
    committed = pending(day)
    for callback in after if listen else ():
        callback()
    heard = pending(day)
    return {"committed": committed, "heard": heard, "runs": schedule(runner, day), "left": pending(day)}


ask("db", "migrate")
ask("dags", "reserialize")
with create_session(scoped=False) as session:
    session.execute(update(DagModel).where(DagModel.dag_id == DAG).values(is_paused=False))
    session.add(job := Job())  # type: ignore[no-untyped-call]
    session.flush()
    session.expunge(job)
runner = SchedulerJobRunner(job=job)
print(
    json.dumps(
        {
            "without": story(runner, "2026-03-01", listen=False),
            "with": story(runner, "2026-03-02", listen=True),
        }
    )
)
