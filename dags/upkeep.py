"""One Airflow DAG for the lake itself: ``upkeep``, once a day."""

from __future__ import annotations

from dags.factory import upkeep_dag
from dags.settings import registry

dag = upkeep_dag(registry())
