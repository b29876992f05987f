"""``python -m citylake.infra.airflow.prepare``: creates what Airflow needs before it starts. Idempotent.

The database's tables, missing pools (existing ones belong to the operator), and
the bucket of the lake.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile

from citylake.dags.pools import declared_pools
from citylake.pipelines.lake.lake_zones import Lake


def prepare_airflow() -> None:
    """Run every step in order."""
    run_airflow_command("db", "migrate")
    create_pools()
    create_bucket(os.environ["CITYLAKE_LAKE"])


def run_airflow_command(*words: str) -> str:
    """The output of Airflow's command line; its stderr goes to ours."""
    command = [sys.executable, "-m", "airflow", *words]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603


def create_pools() -> None:
    """Create the pools that are missing."""
    there = {
        pool["pool"] for pool in json.loads(run_airflow_command("pools", "list", "--output", "json").splitlines()[-1])
    }
    missing = {name: pool for name, pool in declared_pools().items() if name not in there}
    if not missing:
        return
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        json.dump(missing, file)
        file.flush()
        run_airflow_command("pools", "import", file.name)


def create_bucket(url: str) -> None:
    """Create the bucket of a lake on an object store, if it is missing."""
    lake = Lake(url)
    if lake.local:
        return
    bucket = lake.fs_path(lake.url).partition("/")[0]
    if not lake.fs.exists(bucket):
        lake.fs.mkdir(bucket)


if __name__ == "__main__":
    prepare_airflow()
