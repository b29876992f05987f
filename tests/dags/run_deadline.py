"""Let a run's deadline pass, and run what Airflow then runs in its triggerer.

The arguments are a DAG, the kind of run, and how often the same happens. Prints the
deadline as seconds after the run was queued, the run's logical date, and the callback's state and output as stored.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from airflow._shared.timezones.timezone import utcnow
from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
from airflow.models.callback import Callback
from airflow.models.dagbundle import DagBundleModel
from airflow.models.deadline import Deadline
from airflow.models.serialized_dag import SerializedDagModel
from airflow.triggers.base import TriggerEvent
from airflow.triggers.callback import CallbackTrigger
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState
from airflow.utils.types import DagRunTriggeredByType, DagRunType
from sqlalchemy import select

from tests.dags.migrated import migrated_database


def created(dag_id: str, kind: str) -> tuple[Any, Any]:
    """Id of the deadline of a new run, and what there is to tell of it."""
    with create_session() as session:
        session.merge(DagBundleModel(name="dags-folder"))
    sync_bag_to_db(DagBag(), "dags-folder", None)
    with create_session() as session:
        dag, now = SerializedDagModel.get_dag(dag_id, session=session), utcnow()
        assert dag
        run = dag.create_dagrun(
            run_id=f"{kind}__1",
            run_after=now,
            run_type=DagRunType(kind),
            triggered_by=DagRunTriggeredByType.TEST,
            state=DagRunState.QUEUED,
            partition_key="2026-03-01",
            session=session,
        )
        session.flush()
        deadline = session.scalar(select(Deadline).where(Deadline.dagrun_id == run.id))
        assert deadline
        deadline.handle_miss(session)
        after = (deadline.deadline_time - run.queued_at).total_seconds()
        return deadline.callback_id, {"after": after, "logical_date": run.logical_date}


async def events(data: dict[str, Any]) -> list[TriggerEvent]:
    """What the trigger tells."""
    return [event async for event in CallbackTrigger(data["path"], dict(data["kwargs"])).run()]


def passed(callback_id: Any) -> dict[str, Any]:
    """The callback's end, read anew: what cannot be stored ends the triggerer."""
    with create_session() as session:
        callback = session.get_one(Callback, callback_id)
        for event in asyncio.run(events(callback.data)):
            callback.handle_event(event, session)
    with create_session() as session:
        callback = session.get_one(Callback, callback_id)
        return {"state": str(callback.state), "output": callback.output}


if __name__ == "__main__":
    migrated_database()
    found, told = created(*sys.argv[1:3])
    for _ in range(int(sys.argv[3])):
        told |= passed(found)
    print(json.dumps(told))
