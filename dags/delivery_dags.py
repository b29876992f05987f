"""One Airflow DAG per delivery, ``deliver.<name>``, and ``deliveries``, which reads their acknowledgements."""

from __future__ import annotations

from citylake.dags.asked_dags import is_asked
from citylake.dags.dag_factory import acknowledgements_dag, delivery_dag
from citylake.dags.settings import dags_registry
from citylake.schemas.read.registry import pause_gc

with pause_gc():
    for delivery in dags_registry().deliveries.values():
        if is_asked(f"deliver.{delivery.delivery}"):
            dag = delivery_dag(delivery, dags_registry())
            globals()[dag.dag_id] = dag
    if any(delivery.acknowledge_within for delivery in dags_registry().deliveries.values()):
        acknowledged = acknowledgements_dag(dags_registry())
