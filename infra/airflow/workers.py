"""How Celery's workers are set up: what every task imports is imported once, before a worker forks for its tasks.

A task is a process of its own. Without this each spends a second of processor time on imports before it does anything,
and has a copy of them in memory.
"""

from __future__ import annotations

from typing import Any

from airflow.providers.celery.executors.default_celery import DEFAULT_CELERY_CONFIG

CONFIG: dict[str, Any] = {
    **DEFAULT_CELERY_CONFIG,
    "include": ("citylake.infra.airflow.warm",),
    # What a worker has fetched and not begun is lost with it, until the scheduler misses it after ten minutes.
    "worker_disable_prefetch": True,
}
"""For ``[celery] celery_config_options``."""
