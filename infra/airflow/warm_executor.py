"""Airflow's executor of one machine, whose workers have imported what every task imports."""

from __future__ import annotations

from importlib import import_module

from airflow.executors.local_executor import LocalExecutor


class WarmLocalExecutor(LocalExecutor):
    """Workers fork for each task: without this, each task would spend seconds of CPU time on imports."""

    def start(self) -> None:
        """Import, then start the workers."""
        import_module("citylake.infra.airflow.warm")
        super().start()
