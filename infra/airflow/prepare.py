"""``python -m citylake.infra.airflow.prepare``: creates what Airflow needs before it starts. Idempotent.

The database's tables, missing pools (existing ones belong to the operator), and
the bucket of the lake.
"""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
from contextlib import redirect_stdout

from citylake.dags.pools import declared_pools
from citylake.pipelines.lake.lake_zones import Lake


def prepare_airflow() -> None:
    """Run every step in order."""
    run_airflow_command("db", "migrate")
    create_pools()
    create_bucket(os.environ["CITYLAKE_LAKE"])


def run_airflow_command(*words: str) -> str:
    """The output of Airflow's command line, in this process: Airflow takes seconds to import."""
    from airflow.__main__ import main

    sys.argv = ["airflow", *words]
    with redirect_stdout(io.StringIO()) as said:
        main()  # type: ignore[no-untyped-call]
    return said.getvalue()


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
