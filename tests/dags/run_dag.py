"""Run DAGs with ``dag.test()``, one after another, each after files have come.

The argument is a JSON list of ``{dag, files}``. Prints, for each, the state of its run and tasks, what they returned,
and the asset events that it caused.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from airflow.dag_processing.dagbag import DagBag
from airflow.models.asset import AssetEvent, AssetModel
from airflow.utils.session import create_session
from sqlalchemy import select

from tests.dags.migrated import migrated_database


def events(run_id: str) -> list[tuple[str, str | None]]:
    """Asset and partition of every event of the run."""
    query = select(AssetModel.name, AssetEvent.partition_key).join(AssetModel, AssetModel.id == AssetEvent.asset_id)
    with create_session() as session:
        return [(name, key) for name, key in session.execute(query.where(AssetEvent.source_run_id == run_id))]


def run(dag: Any) -> dict[str, Any]:
    """What became of one run."""
    # Airflow 3.3.2 looks a deadline up by an id that only a stored DAG has.
    dag.deadline = None
    done = dag.test()
    tasks = done.get_task_instances()
    return {
        "state": str(done.state),
        "tasks": {task.task_id: str(task.state) for task in tasks},
        "pools": {task.task_id: task.pool for task in tasks},
        "results": {task.task_id: task.xcom_pull(task_ids=task.task_id, map_indexes=task.map_index) for task in tasks},
        "events": events(done.run_id),
    }


def main(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every step's run, in order."""
    migrated_database()
    bag = DagBag()
    told = []
    for step in steps:
        for path, text in step.get("files", {}).items():
            Path(path).write_text(text, encoding="utf-8")
        told.append(run(bag.dags[step["dag"]]))
    return told


if __name__ == "__main__":
    print(json.dumps(main(json.loads(sys.argv[1]))))
