"""Two commits that report the same day of two assets in the same moment, and what the scheduler makes of it.

The arguments are the mart's DAG and the two assets. Prints for a commit without citylake's listener and for one with it
the pending runs after the commits, those after the listeners, and the scheduler's runs with the number of their events;
then what becomes of the days that both report while a run works.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date, timedelta
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


def pending() -> int:
    mine = (AssetPartitionDagRun.target_dag_id == DAG, AssetPartitionDagRun.created_dag_run_id.is_(None))
    with create_session(scoped=False) as session:
        return session.scalar(select(func.count()).select_from(AssetPartitionDagRun).where(*mine)) or 0


def schedule(runner: SchedulerJobRunner) -> list[tuple[str, int]]:
    """What the scheduler does in its loop; the key and the number of events of each unfinished run, once started."""
    with create_session(scoped=False) as session:
        runner._create_dagruns_for_partitioned_asset_dags(session)
    with create_session(scoped=False) as session:
        runner._start_queued_dagruns(session)
    with create_session(scoped=False) as session:
        runs = session.scalars(select(DagRun).where(DagRun.dag_id == DAG, DagRun.state.in_(["queued", "running"])))
        return sorted((run.partition_key or "", len(run.consumed_asset_events)) for run in runs)


def finish() -> None:
    with create_session(scoped=False) as session:
        session.execute(update(DagRun).where(DagRun.dag_id == DAG).values(state="success"))


def story(runner: SchedulerJobRunner, day: str, *, listen: bool) -> dict[str, Any]:
    after = commit_both(day)
    committed = pending()
    for callback in after if listen else ():
        callback()
    heard = pending()
    told = {"committed": committed, "heard": heard, "runs": schedule(runner), "left": pending()}
    finish()
    return told


def gathered(runner: SchedulerJobRunner) -> dict[str, Any]:
    """A run works while both datasets report sixty days each."""
    commit_both("2026-03-01")[0]()
    first = schedule(runner)
    for n in range(60):
        for callback in commit_both(str(date(2026, 4, 1) + timedelta(n))):
            callback()
    while_it_works = schedule(runner), pending()
    finish()
    then = schedule(runner)
    finish()
    return {"first": first, "meanwhile": while_it_works, "then": then, "after": schedule(runner)}


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
            "gathered": gathered(runner),
        }
    )
)
