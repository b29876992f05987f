"""The Airflow DAG ``freshness``, where a contract promises any."""

from __future__ import annotations

from dags.factory import freshness_dag
from dags.settings import registry

if any(contract.expect.freshness for contract in registry().contracts.values()):
    dag = freshness_dag(registry())
