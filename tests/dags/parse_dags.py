"""Parse the DAG folder in a fresh interpreter, and print what is there and what it imported."""

from __future__ import annotations

import json
import sys
from typing import Any

from airflow.dag_processing.dagbag import DagBag


def assets_of(dag: Any) -> list[str]:
    """The assets that the DAG waits for."""
    return sorted(asset.name for asset in getattr(dag.timetable.asset_condition, "objects", ()))


def deadlines_of(dag: Any) -> list[list[Any]]:
    """Seconds, callback and its arguments of each deadline."""
    return [
        [alert.interval.total_seconds(), alert.callback.path, alert.callback.kwargs] for alert in dag.deadline or ()
    ]


def schedule_of(dag: Any) -> dict[str, Any]:
    """The schedule's class and settings, of Airflow's own timetables and of ours."""
    timetable = dag.timetable
    ours = timetable.serialize() if hasattr(timetable, "serialize") else {}
    known = {key: ours.get(key) or getattr(timetable, key, None) for key in ("expression", "timezone", "key_format")}
    return {
        "schedule": type(timetable).__name__,
        "cron": known["expression"],
        "timezone": str(known["timezone"] or ""),
        "key": known["key_format"],
    }


bag = DagBag()
print(
    json.dumps(
        {
            "errors": {path: str(error) for path, error in bag.import_errors.items()},
            "files": sorted(bag.file_last_changed),
            "imported": sorted({name.partition(".")[0] for name in sys.modules}),
            "dags": {
                dag.dag_id: {
                    **schedule_of(dag),
                    "assets": assets_of(dag),
                    "tags": sorted(dag.tags),
                    "note": dag.doc_md,
                    "deadlines": deadlines_of(dag),
                    "active_runs": dag.max_active_runs,
                    "mapper": type(getattr(dag.timetable, "default_partition_mapper", None)).__name__,
                    "tasks": {
                        task.task_id: {
                            "after": sorted(task.upstream_task_ids),
                            "outlets": [asset.name for asset in task.outlets],
                            "told": [{"group": asset.group, **asset.extra} for asset in task.outlets],
                            "note": task.doc_md,
                            "owner": task.owner,
                            "pool": task.pool,
                            "retries": task.retries,
                            "backoff": task.retry_exponential_backoff,
                        }
                        for task in dag.tasks
                    },
                }
                for dag in bag.dags.values()
            },
        }
    )
)
