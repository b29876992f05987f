"""Airflow with our DAGs: on a laptop by one command, and the services of ``infra/compose.yaml`` as processes."""
