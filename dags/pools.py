"""One Airflow pool per department, which limits how many tasks pull from its sources at once.

``python -m citylake.dags.pools > pools.json && airflow pools import pools.json``
"""

from __future__ import annotations

import json
from typing import TypedDict

from citylake.dags.settings import dags_registry

POOL_SLOTS = 4


class AirflowPool(TypedDict):
    """A pool in the format of ``airflow pools import``."""

    slots: int
    description: str
    include_deferred: bool


def department_pools() -> dict[str, AirflowPool]:
    """Pools by department; an operator changes the slots in Airflow."""
    departments = sorted({contract.owner.department for contract in dags_registry().contracts.values()})
    return {name: AirflowPool(slots=POOL_SLOTS, description="citylake", include_deferred=False) for name in departments}


if __name__ == "__main__":
    print(json.dumps(department_pools(), ensure_ascii=False, indent=2))
