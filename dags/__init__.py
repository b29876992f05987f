"""WHEN it runs: Airflow DAGs made from contracts."""
