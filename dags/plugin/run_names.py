"""The name of a run of a mart or a delivery: its days as partition key when it starts, and a note at its end.

The note says what was built or delivered, and what waits for whom.

Airflow calls these listeners in the scheduler, which stores what they set together with the run's new state.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from airflow.listeners import hookimpl

from citylake.dags.day_spans import NOTE_XCOM, write_day_spans
from citylake.dags.plugin.gathered_days import PENDING_KEY

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun

MAX_NOTE = 1000
"""Characters; Airflow stores as many."""


@hookimpl
def on_dag_run_running(dag_run: DagRun, msg: str) -> None:
    """Name a run by its days when it starts; the scheduler stores both with the new state."""
    if not _has_days(dag_run):
        return
    days = gathered_days(dag_run.partition_key, (event.partition_key for event in dag_run.consumed_asset_events))
    if days:
        dag_run.partition_key = write_day_spans(days)
        dag_run.note = dag_run.partition_key


@hookimpl
def on_dag_run_success(dag_run: DagRun, msg: str) -> None:
    """Add what the run built and what still waits as its note."""
    _note(dag_run)


@hookimpl
def on_dag_run_failed(dag_run: DagRun, msg: str) -> None:
    """The same for a run that failed after it had told."""
    _note(dag_run)


def gathered_days(key: str | None, told: Iterable[str | None]) -> list[str]:
    """The days of a pending run, in order; none if the run has another key."""
    return sorted({day for day in told if day}) if key and (key == PENDING_KEY or len(key) == len("yyyy-mm")) else []


def _has_days(dag_run: DagRun) -> bool:
    return str(dag_run.dag_id).startswith(("mart.", "deliver."))


def _note(dag_run: DagRun) -> None:
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session
    from sqlalchemy.orm import object_session

    # Outside the scheduler (``dag.test``) nobody stores what is set.
    if not _has_days(dag_run) or object_session(dag_run) is None:
        return
    with create_session(scoped=False) as session:
        told = XComModel.get_many(run_id=dag_run.run_id, dag_ids=dag_run.dag_id, key=NOTE_XCOM, limit=1)
        row = session.scalar(told)
        text = XComModel.deserialize_value(row) if row else None
    if text:
        dag_run.note = f"{dag_run.partition_key or ''}\n\n{text}".strip()[:MAX_NOTE]
