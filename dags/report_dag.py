"""The Airflow DAG ``report``: builds the report site, every hour."""

from __future__ import annotations

from citylake.dags.dag_factory import report_dag
from citylake.dags.settings import dags_registry

dag = report_dag(dags_registry())
