"""Kill a worker as a machine failure does: all of its processes at once, during a commit."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tests.airflow.city import BACKFILLED
from tests.airflow.cluster import Cluster


def tree(pid: int) -> Iterator[int]:
    """The process and all of its descendants."""
    yield pid
    for child in children(pid):
        yield from tree(child)


def children(pid: int) -> Iterator[int]:
    """The processes that it has started itself."""
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            yield from map(int, task.read_text().split())


def title(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text()
    return ""


def committing(cluster: Cluster, worker: str) -> dict[str, str] | None:
    """A commit that runs on the worker just now: its DAG, run and id."""
    running = cluster.api.all("dags/~/dagRuns/~/taskInstances", "task_instances", state="running")
    wanted = {f"dataset.{dataset}" for dataset in BACKFILLED}
    commits = {task["id"]: task for task in running if task["task_id"] == "commit" and task["dag_id"] in wanted}
    titles = [title(pid) for pid in tree(cluster.native.running[worker].pid)] if commits else []
    for found, task in commits.items():
        if any(found in each and "supervisor" not in each for each in titles):
            return {"id": found, "dag": task["dag_id"], "run": task["dag_run_id"]}
    return None


def kill_in_a_commit(cluster: Cluster, worker: str) -> dict[str, str] | None:
    """Kill the worker with SIGKILL if it is committing; returns the commit that was interrupted."""
    commit = committing(cluster, worker)
    if commit is None:
        return None
    # The parent first, so that it cannot react to the end of its children.
    for pid in list(tree(cluster.native.running[worker].pid)):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return commit
