"""One Airflow DAG per mart, ``mart.<name>``, and ``marts.due``, which ends their waiting for late datasets."""

from __future__ import annotations

from citylake.dags.asked_dags import is_asked
from citylake.dags.dag_factory import due_dag, mart_dag
from citylake.dags.settings import dags_registry
from citylake.schemas.read.registry import pause_gc

with pause_gc():
    for mart in dags_registry().marts.values():
        if is_asked(f"mart.{mart.mart}"):
            dag = mart_dag(mart, dags_registry())
            globals()[dag.dag_id] = dag
    if is_asked("marts.due") and any(mart.wait for mart in dags_registry().marts.values()):
        due = due_dag(dags_registry())
