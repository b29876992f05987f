"""Airflow's public REST API, as anybody may use it: nothing else is asked what became of a run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from urllib.parse import quote

import httpx

T = TypeVar("T")
DONE = ("success", "failed")
_PAUSE_S = 0.5
_PAGE = 100


def poll(what: str, ask: Callable[[], T | None], within_s: float, told: Callable[[], str] = lambda: "") -> T:
    """The first answer that is one; when there is none in time, says what it was and what is ``told`` then."""
    until = time.monotonic() + within_s
    while (answer := ask()) is None:
        assert time.monotonic() < until, f"{what}: not within {within_s:.0f} s\n{told()}"
        time.sleep(_PAUSE_S)
    return answer


@dataclass
class Api:
    """A session of the administrator's."""

    url: str
    name: str
    password: str

    def __post_init__(self) -> None:
        self.web = httpx.Client(base_url=self.url, timeout=30, trust_env=False)
        login = self.web.post("/auth/token", json={"username": self.name, "password": self.password})
        login.raise_for_status()
        self.web.headers["Authorization"] = f"Bearer {login.json()['access_token']}"

    def ask(self, method: str, path: str, **said: Any) -> Any:
        """The JSON of an answer; a refusal fails with its words."""
        answer = self.web.request(method, f"/api/v2/{path}", **said)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def all(self, path: str, name: str, **asked: Any) -> Iterator[dict[str, Any]]:
        """Every record of a list, page after page."""
        offset = 0
        while True:
            page = self.ask("GET", path, params={**asked, "limit": _PAGE, "offset": offset})[name]
            yield from page
            offset += len(page)
            if len(page) < _PAGE:
                return

    def pause(self, dag: str, *, paused: bool) -> None:
        self.ask("PATCH", f"dags/{dag}", json={"is_paused": paused})

    def trigger(self, dag: str, partition: str | None = None, **conf: Any) -> str:
        """Start a run; its id."""
        said = {"logical_date": None, "partition_key": partition, "conf": conf}
        return str(self.ask("POST", f"dags/{dag}/dagRuns", json=said)["dag_run_id"])

    def runs(self, dag: str, **asked: Any) -> list[dict[str, Any]]:
        """The runs of a DAG, oldest first."""
        return list(self.all(f"dags/{dag}/dagRuns", "dag_runs", order_by="id", **asked))

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

    def finished(self, dag: str, run: str, within_s: float = 120) -> dict[str, Any]:
        """The run, once it has ended."""

        def ended() -> dict[str, Any] | None:
            found: dict[str, Any] = self.ask("GET", f"dags/{dag}/dagRuns/{quote(run)}")
            return found if found["state"] in DONE else None

        return poll(f"{dag} {run}", ended, within_s, lambda: self.told(dag, run))

    def succeeds(self, dag: str, run: str, within_s: float = 120) -> dict[str, Any]:
        """The run, once it has ended well."""
        found = self.finished(dag, run, within_s)
        assert found["state"] == "success", self.told(dag, run)
        return found

    def told(self, dag: str, run: str) -> str:
        """What became of every task of a run, with the log of those that are not well."""
        tasks = self.tasks(dag, run)
        lines = [f"{dag} {run}: {self.states(dag, run)}"]
        for name, task in tasks.items():
            if task["state"] not in ("success", "skipped", None) and task["try_number"]:
                lines += [f"--- {name}, attempt {task['try_number']}", self.log(dag, run, name, task["try_number"])]
        return "\n".join(lines)

    def backfill(self, dag: str, first: date, last: date, *, backwards: bool, runs: int = 1) -> int:
        """Begin a backfill; its id."""
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
    return "".join(
        f"\n{error.get('exc_type')}: {error.get('exc_value')}" for error in line.get("error_detail") or ()
    )
