"""One pending run for each partition of a mart, also if two commits report the same day in the same moment.

Airflow 3.3 looks for the pending run of a partition under the lock of one asset. Two commits to different assets do not
see each other's, and leave two, each with the events of one commit. A mart runs when any of its inputs changes, so
neither run waits for the other, but the day would be built twice; a schedule that needs all its inputs would wait for
ever. Airflow calls these listeners in the process that wrote the events, after the transaction, and in the scheduler.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from airflow.listeners import hookimpl

if TYPE_CHECKING:
    from airflow.listeners.types import AssetEvent
    from airflow.models.asset import AssetPartitionDagRun
    from airflow.models.dagrun import DagRun
    from sqlalchemy.orm import Session

_swept: list[tuple[str | None, ...]] = [()]
"""The task of the last sweep: all events of a task are written at once, and reported one by one."""


@hookimpl
def on_asset_event_emitted(asset_event: AssetEvent) -> None:
    """After the commit of a task's events."""
    source = (asset_event.source_dag_id, asset_event.source_run_id, asset_event.source_task_id)
    if asset_event.partition_key is not None and (None in source or source != _swept[0]):
        _swept[0] = source
        _sweep()


@hookimpl
def on_dag_run_running(dag_run: DagRun, msg: str) -> None:
    """Once a day, for what a crash between the two left."""
    if dag_run.dag_id == "upkeep":
        _sweep()


def _sweep() -> None:
    from airflow.utils.session import create_session

    with create_session(scoped=False) as session:
        merge_pending_partitions(session)


def merge_pending_partitions(session: Session) -> int:
    """Merge pending runs of the same DAG and partition into the newest one, which Airflow continues; how many went.

    Rows that the scheduler has locked are about to become runs and are left alone.
    """
    from airflow.models.asset import AssetPartitionDagRun
    from airflow.utils.sqlalchemy import with_row_locks
    from sqlalchemy import func, select, tuple_

    of = (AssetPartitionDagRun.target_dag_id, AssetPartitionDagRun.partition_key)
    pending = AssetPartitionDagRun.created_dag_run_id.is_(None)
    twice = session.execute(select(*of).where(pending).group_by(*of).having(func.count() > 1)).all()
    if not twice:
        return 0
    rows = select(AssetPartitionDagRun).where(pending, tuple_(*of).in_([tuple(row) for row in twice]))
    groups = defaultdict(list)
    for row in session.scalars(with_row_locks(rows.order_by(AssetPartitionDagRun.id), session, skip_locked=True)):
        # Rows of an earlier definition of the schedule are removed by the scheduler.
        groups[row.target_dag_id, row.partition_key, repr(row.rollup_fingerprint)].append(row)
    return sum(_merge_rows(group, session) for group in groups.values())


def _merge_rows(rows: list[AssetPartitionDagRun], session: Session) -> int:
    from airflow.models.asset import PartitionedAssetKeyLog
    from sqlalchemy import update

    *earlier, newest = rows
    for row in earlier:
        mine = PartitionedAssetKeyLog.asset_partition_dag_run_id == row.id
        session.execute(update(PartitionedAssetKeyLog).where(mine).values(asset_partition_dag_run_id=newest.id))
        session.delete(row)
    # As Airflow does for a further event: a date that the events disagree about is none.
    dates = {row.partition_date for row in rows if row.partition_date}
    newest.partition_date = dates.pop() if len(dates) == 1 else None
    return len(earlier)
