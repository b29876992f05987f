"""One Airflow DAG a mart, ``mart.<name>``, and the one that ends their waiting, ``marts.due``."""

from __future__ import annotations

from dags.factory import due_dag, mart_dag
from dags.settings import registry
from schemas.registry import uncollected

with uncollected():
    for mart in registry().marts.values():
        dag = mart_dag(mart, registry())
        globals()[dag.dag_id] = dag
    if any(mart.wait for mart in registry().marts.values()):
        due = due_dag(registry())
