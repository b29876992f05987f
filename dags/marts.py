"""One Airflow DAG a mart: ``mart.<name>``."""

from __future__ import annotations

from dags.factory import mart_dag
from dags.settings import registry

for mart in registry().marts.values():
    dag = mart_dag(mart, registry())
    globals()[dag.dag_id] = dag
