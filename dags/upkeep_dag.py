"""One Airflow DAG for the lake itself: ``upkeep``, once a day."""

from __future__ import annotations

from citylake.dags.dag_factory import upkeep_dag
from citylake.dags.settings import dags_registry

dag = upkeep_dag(dags_registry())
