"""One run of a mart for all days that changed while its run before it worked.

Airflow 3.3 makes a run for each partition key as soon as an event of it is pending. Here all days of a mart have one
key, and the key's run is due only when the mart has no unfinished run: until then Airflow gathers the events of every
dataset. The run then gets the days as its partition key, which Airflow shows in its lists.
"""

from __future__ import annotations

from typing import Any

from airflow.partition_mappers.base import PartitionMapper
from airflow.partition_mappers.wait_policy import WaitForAll

PENDING_KEY = "changed-days"
"""The partition key of days that are not in a run yet."""
UNFINISHED = "the unfinished run of this mart"
"""What a pending run waits for, as Airflow's page of pending runs shows it. No event ever has this key."""


class GatheredDays(PartitionMapper):
    """Gathers the days of a mart; with ``by_month`` those of each month.

    To Airflow it is a rollup that expects nothing if the mart ``dag_id`` has no unfinished run. It is asked in the
    scheduler, and by the pages of pending runs.
    """

    is_rollup = True
    wait_policy = WaitForAll()

    def __init__(self, dag_id: str, *, by_month: bool = False, max_downstream_keys: int | None = None) -> None:
        super().__init__(max_downstream_keys=max_downstream_keys)
        self.dag_id, self.by_month = dag_id, by_month

    def to_downstream(self, key: str) -> str:
        """The pending run that a day (``yyyy-mm-dd``) belongs to."""
        return key[: len("yyyy-mm")] if self.by_month else PENDING_KEY

    def to_upstream(self, downstream_key: str) -> frozenset[str]:
        """What the pending run still waits for."""
        return frozenset({UNFINISHED}) if _has_unfinished_run(self.dag_id) else frozenset()

    def serialize(self) -> dict[str, Any]:
        """As the DAG processor stores it."""
        return {**super().serialize(), "dag_id": self.dag_id, "by_month": self.by_month}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> GatheredDays:
        """As the scheduler reads it."""
        return cls(data["dag_id"], by_month=data["by_month"], max_downstream_keys=data.get("max_downstream_keys"))


def _has_unfinished_run(dag_id: str) -> bool:
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from airflow.utils.state import State
    from sqlalchemy import select

    with create_session(scoped=False) as session:
        unfinished = select(DagRun.id).where(DagRun.dag_id == dag_id, DagRun.state.in_(State.unfinished_dr_states))
        return session.scalar(unfinished.limit(1)) is not None
