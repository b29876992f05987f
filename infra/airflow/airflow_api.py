"""A client of Airflow's public REST API: health, DAGs, runs, and starting a run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx

from citylake.pipelines.lake.retry_attempts import retry_attempts
from citylake.schemas.words.errors import CitylakeError

_PAGE = 100
_WAIT_S, _ATTEMPTS = 30.0, 5
_TEXT = 500
"""Characters of a refusal that are shown."""
_PARTS = ("metadatabase", "scheduler", "triggerer", "dag_processor")


class BusyError(CitylakeError):
    """Airflow answered 5xx, no JSON, or not in time. This can pass: SQLite allows one writer at a time."""


class AirflowApi:
    """An authenticated session. Raises AIRFLOW_REFUSED for a 4xx answer, and BusyError for what may pass."""

    def __init__(
        self, url: str, name: str, password: str, *, wait_s: float = _WAIT_S, attempts: int = _ATTEMPTS
    ) -> None:
        """``wait_s``: the longest silence of the server; ``attempts``: how often a GET is made if it is busy."""
        self.attempts = attempts
        self.web = httpx.Client(base_url=url, timeout=wait_s, trust_env=False)
        try:
            login = self._asked("POST", "/auth/token", json={"username": name, "password": password})
            if not isinstance(login, dict) or "access_token" not in login:
                raise BusyError("AIRFLOW_NO_ANSWER", asked="POST /auth/token", why="no access_token")
        except BaseException:
            self.close()
            raise
        self.web.headers["Authorization"] = f"Bearer {login['access_token']}"

    def close(self) -> None:
        """Close the connection."""
        self.web.close()

    def ask(self, method: str, path: str, **said: Any) -> Any:
        """Returns the JSON of the response; ``path`` is below ``/api/v2/``."""
        return self._asked(method, f"/api/v2/{path}", **said)

    def all(self, path: str, name: str, **asked: Any) -> Iterator[dict[str, Any]]:
        """Yields every record of a list, page by page."""
        offset = 0
        while True:
            page = self.ask("GET", path, params={**asked, "limit": _PAGE, "offset": offset})[name]
            yield from page
            offset += len(page)
            if len(page) < _PAGE:
                return

    def healthy(self) -> bool:
        """Whether every component of Airflow is healthy."""
        health = self.ask("GET", "monitor/health")
        return all(health.get(part, {}).get("status") == "healthy" for part in _PARTS)

    def dags(self) -> set[str]:
        """The ids of the DAGs that Airflow knows."""
        return {dag["dag_id"] for dag in self.all("dags", "dags")}

    def runs(self, dag: str, **asked: Any) -> list[dict[str, Any]]:
        """The runs of a DAG, oldest first."""
        return list(self.all(f"dags/{dag}/dagRuns", "dag_runs", order_by="id", **asked))

    def turn_on(self, dag: str) -> str:
        """Let the scheduler run a DAG; returns its id."""
        return str(self.ask("PATCH", f"dags/{dag}", json={"is_paused": False})["dag_id"])

    def trigger(self, dag: str, partition: str | None = None, **conf: Any) -> str:
        """Start a run; returns its id."""
        said = {"logical_date": None, "partition_key": partition, "conf": conf}
        return str(self.ask("POST", f"dags/{dag}/dagRuns", json=said)["dag_run_id"])

    def _asked(self, method: str, path: str, **said: Any) -> Any:
        if method == "GET":
            for attempt in retry_attempts(BusyError, attempts=self.attempts, wait_initial=1.0):
                with attempt:
                    return self._answered(method, path, **said)
        return self._answered(method, path, **said)

    def _answered(self, method: str, path: str, **said: Any) -> Any:
        asked = f"{method} {path}"
        try:
            answer = self.web.request(method, path, **said)
            if answer.is_success:
                return answer.json() if answer.content else None
        except (httpx.TransportError, ValueError) as error:
            why = f"{type(error).__name__} {error}".strip()
            raise BusyError("AIRFLOW_NO_ANSWER", asked=asked, why=why) from error
        kind = BusyError if answer.is_server_error else CitylakeError
        raise kind("AIRFLOW_REFUSED", asked=asked, status=answer.status_code, why=answer.text[:_TEXT])
