"""Parse the DAG folder, and print what that took beyond importing Airflow: calls of functions."""

from __future__ import annotations

import json
import sys
from typing import Any

calls = 0


def count(_frame: Any, event: str, _argument: Any) -> None:
    global calls
    calls += event in ("call", "c_call")


sys.setprofile(count)
import airflow.sdk  # noqa: E402
from airflow.dag_processing.dagbag import DagBag  # noqa: E402

airflow.sdk.DAG, airflow.sdk.CronPartitionTimetable, airflow.sdk.task  # noqa: B018 (each is imported when it is named)
imported = calls
bag = DagBag()
sys.setprofile(None)
print(
    json.dumps(
        {
            "errors": {path: str(error) for path, error in bag.import_errors.items()},
            "dags": len(bag.dags),
            "airflow": imported,
            "dag_folder": calls - imported,
        }
    )
)
