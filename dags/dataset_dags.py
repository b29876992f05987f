"""One Airflow DAG per dataset: ``dataset.<id>``."""

from __future__ import annotations

from citylake.dags.asked_dags import is_asked
from citylake.dags.dag_factory import dataset_dag
from citylake.dags.refused_schedules import refused_schedules
from citylake.dags.settings import dags_registry
from citylake.schemas.read.registry import pause_gc

with pause_gc():
    asked = [each for each in dags_registry().contracts.values() if is_asked(f"dataset.{each.dataset}")]
    refused = refused_schedules(asked, dags_registry())
    for contract in asked:
        if contract.dataset not in refused:
            dag = dataset_dag(contract, dags_registry())
            globals()[dag.dag_id] = dag
