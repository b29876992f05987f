"""Airflow pools: one per department, which limits the pulls from its sources at once, and one for the Spark endpoint.

``python -m citylake.dags.pools > pools.json && airflow pools import pools.json``
"""

from __future__ import annotations

import json
from typing import TypedDict
from urllib.parse import urlsplit

from citylake.dags.settings import dags_registry
from citylake.pipelines.marts.spark.engine_choice import may_run_on_spark, spark_remote
from citylake.schemas.model.mart import Mart

POOL_SLOTS = 4
SPARK_SLOTS = 2


class AirflowPool(TypedDict):
    """A pool in the format of ``airflow pools import``."""

    slots: int
    description: str
    include_deferred: bool


def declared_pools() -> dict[str, AirflowPool]:
    """Every pool that the DAGs ask for; an operator changes the slots in Airflow."""
    registry = dags_registry()
    slots = dict.fromkeys(sorted({each.owner.department for each in registry.contracts.values()}), POOL_SLOTS)
    slots |= {pool: SPARK_SLOTS for mart in registry.marts.values() if (pool := spark_pool(mart))}
    return {
        name: AirflowPool(slots=count, description="citylake", include_deferred=False) for name, count in slots.items()
    }


def spark_pool(mart: Mart) -> str | None:
    """The pool of the endpoint, ``spark host:port``, in which a mart queues; None if no table may run on Spark."""
    if not any(may_run_on_spark(table) for table in mart.tables.values()):
        return None
    # The address may hold a token: only the host and the port are shown.
    address = urlsplit(spark_remote() or "")
    where = ":".join(str(part) for part in (address.hostname, address.port) if part)
    return f"spark {where}".strip()


if __name__ == "__main__":
    print(json.dumps(declared_pools(), ensure_ascii=False, indent=2))
