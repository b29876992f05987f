"""Ask for a backfill by Airflow's own command, and print its runs' partitions in the order in which they will run.

The arguments are those of ``airflow backfill create``.
"""

from __future__ import annotations

import json
import subprocess
import sys

from airflow.models.backfill import BackfillDagRun
from airflow.models.dagrun import DagRun
from airflow.utils.session import create_session
from sqlalchemy import select


def ask(*command: str) -> None:
    done = subprocess.run([sys.executable, "-m", "airflow", *command], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]


if __name__ == "__main__":
    ask("db", "migrate")
    ask("dags", "reserialize")
    ask("backfill", "create", *sys.argv[1:])
    runs = select(DagRun.partition_key).join(BackfillDagRun, BackfillDagRun.dag_run_id == DagRun.id)
    with create_session() as session:
        print(json.dumps(list(session.scalars(runs.order_by(BackfillDagRun.sort_ordinal)))))
