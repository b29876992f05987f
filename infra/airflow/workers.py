"""Settings of Celery's workers: what every task imports is imported once, before a worker forks for its tasks.

Each task is a process. Without this, each would spend a second of CPU time on imports before it starts its work,
and hold its own copy of them in memory.
"""

from __future__ import annotations

from typing import Any

from airflow.providers.celery.executors.default_celery import DEFAULT_CELERY_CONFIG

CONFIG: dict[str, Any] = {
    **DEFAULT_CELERY_CONFIG,
    "include": ("citylake.infra.airflow.warm",),
    # Tasks that a worker prefetched are lost when it dies, until the scheduler reschedules them after ten minutes.
    "worker_disable_prefetch": True,
}
"""For ``[celery] celery_config_options``."""
