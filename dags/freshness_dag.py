"""The Airflow DAG ``freshness``, if any contract promises freshness."""

from __future__ import annotations

from citylake.dags.dag_factory import freshness_dag
from citylake.dags.settings import dags_registry

if any(contract.expect.freshness for contract in dags_registry().contracts.values()):
    dag = freshness_dag(dags_registry())
