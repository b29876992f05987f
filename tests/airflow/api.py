"""Airflow's public REST API: the only source of the tests about the outcome of a run."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar
from urllib.parse import quote

from citylake.infra.airflow.airflow_api import AirflowApi

T = TypeVar("T")
_PAUSE_S = 1.0


def poll(
    what: str,
    ask: Callable[[], T | None],
    within_s: float,
    told: Callable[[], str] = lambda: "",
    pause_s: float = _PAUSE_S,
) -> T:
    """Ask until there is an answer; at the timeout, fails with ``what`` and the text of ``told``."""
    until = time.monotonic() + within_s
    while (answer := ask()) is None:
        assert time.monotonic() < until, f"{what}: not within {within_s:.0f} s\n{told()}"
        time.sleep(pause_s)
    return answer


class Told(AirflowApi):
    """A session with the outcome of runs."""

    def pause(self, dag: str, *, paused: bool) -> None:
        self.ask("PATCH", f"dags/{dag}", json={"is_paused": paused})

    def tasks(self, dag: str, run: str) -> dict[str, dict[str, Any]]:
        """The tasks of a run, by their id."""
        found = self.all(f"dags/{dag}/dagRuns/{quote(run)}/taskInstances", "task_instances")
        return {task["task_id"]: task for task in found}

    def states(self, dag: str, run: str) -> dict[str, Any]:
        return {name: task["state"] for name, task in self.tasks(dag, run).items()}

    def log(self, dag: str, run: str, task: str, attempt: int) -> str:
        path = f"dags/{dag}/dagRuns/{quote(run)}/taskInstances/{task}/logs/{attempt}"
        lines = self.ask("GET", path, headers={"Accept": "application/json"})["content"]
        return "\n".join(str(line.get("event", line)) + _why(line) for line in lines)[-4000:]

    def told(self, dag: str, run: str) -> str:
        """The outcome of every task of a run, with the log of those that failed."""
        tasks = self.tasks(dag, run)
        lines = [f"{dag} {run}: {self.states(dag, run)}"]
        for name, task in tasks.items():
            if task["state"] not in ("success", "skipped", None) and task["try_number"]:
                lines += [f"--- {name}, attempt {task['try_number']}", self.log(dag, run, name, task["try_number"])]
        return "\n".join(lines)

    def backfill(self, dag: str, first: date, last: date, *, backwards: bool, runs: int = 1) -> int:
        """Begin a backfill; returns its id."""
        said = {
            "dag_id": dag,
            "from_date": f"{first}T00:00:00Z",
            "to_date": f"{last}T23:59:59Z",
            "run_backwards": backwards,
            "reprocess_behavior": "completed",
            "max_active_runs": runs,
            "dag_run_conf": {},
        }
        return int(self.ask("POST", "backfills", json=said)["id"])

    def events(self, asset: str) -> list[dict[str, Any]]:
        """Every event of an asset, by its name, oldest first."""
        (found,) = [each for each in self.all("assets", "assets", name_pattern=asset) if each["name"] == asset]
        return list(self.all("assets/events", "asset_events", asset_id=found["id"], order_by="timestamp"))


def _why(line: Mapping[str, Any]) -> str:
    return "".join(f"\n{error.get('exc_type')}: {error.get('exc_value')}" for error in line.get("error_detail") or ())
