"""The pools that the DAGs ask for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from citylake.schemas.read.registry import load_registry
from tests.declared import DEMO


def test_every_department_has_a_pool_that_airflow_can_import() -> None:
    root = Path(__file__).parents[2]
    environment = {**os.environ, "CITYLAKE_WORKSPACE": str(DEMO)}
    command = [sys.executable, "-m", "citylake.dags.pools"]
    told = subprocess.run(command, cwd=root, env=environment, capture_output=True, check=True).stdout
    pools = json.loads(told)
    assert set(pools) == {contract.owner.department for contract in load_registry(DEMO).contracts.values()}
    assert all(
        pool["slots"] > 0 and set(pool) == {"slots", "description", "include_deferred"} for pool in pools.values()
    )
