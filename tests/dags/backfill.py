"""Ask for two backfills by Airflow's own command, and print their runs' partitions in the order in which they will run.

The arguments are the DAG that runs forwards, the one that runs backwards, and the dates of both.
"""

from __future__ import annotations

import json
import sys
from unittest.mock import patch

from airflow.__main__ import main
from airflow.models.backfill import BackfillDagRun
from airflow.models.dagrun import DagRun
from airflow.utils.session import create_session
from sqlalchemy import select

from tests.dags.migrated import migrated_database


def ask(*command: str) -> None:
    """Call Airflow's command in this process, which has imported what it needs."""
    with patch("sys.argv", ["airflow", *command]):
        main()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    migrated_database()
    ask("dags", "reserialize")
    forwards, backwards, first, last = sys.argv[1:]
    dates = ("--from-date", first, "--to-date", last)
    ask("backfill", "create", "--dag-id", forwards, *dates)
    ask("backfill", "create", "--dag-id", backwards, *dates, "--run-backwards")
    runs = select(DagRun.partition_key).join(BackfillDagRun, BackfillDagRun.dag_run_id == DagRun.id)
    with create_session() as session:
        found = [
            session.scalars(runs.where(DagRun.dag_id == dag).order_by(BackfillDagRun.sort_ordinal))
            for dag in (forwards, backwards)
        ]
        print(json.dumps([list(each) for each in found]))
