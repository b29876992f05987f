"""One Airflow pool a department, so that no source is asked by more tasks at once than its owner can bear.

``python -m dags.pools > pools.json && airflow pools import pools.json``
"""

from __future__ import annotations

import json
from typing import TypedDict

from dags.settings import registry

SLOTS = 4


class Pool(TypedDict):
    """A pool as ``airflow pools import`` reads it."""

    slots: int
    description: str
    include_deferred: bool


def pools() -> dict[str, Pool]:
    """Pools by department; change the slots in Airflow, where they are an operator's to set."""
    departments = sorted({contract.owner.department for contract in registry().contracts.values()})
    return {name: Pool(slots=SLOTS, description="citylake", include_deferred=False) for name in departments}


if __name__ == "__main__":
    print(json.dumps(pools(), ensure_ascii=False, indent=2))
