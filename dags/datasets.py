"""One Airflow DAG a dataset: ``dataset.<id>``."""

from __future__ import annotations

from dags.factory import dataset_dag
from dags.settings import registry
from schemas.registry import uncollected

with uncollected():
    for contract in registry().contracts.values():
        dag = dataset_dag(contract, registry())
        globals()[dag.dag_id] = dag
