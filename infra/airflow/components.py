"""The components of Airflow on one machine: each a process with a log of its own, started again where it ends."""

from __future__ import annotations

import signal
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from citylake.infra.airflow.child_process import Process, stop_processes
from citylake.infra.airflow.waiting import Teller

API_SERVER, DAG_PROCESSOR, SCHEDULER = "api-server", "dag-processor", "scheduler"
COMPONENTS = (API_SERVER, SCHEDULER, DAG_PROCESSOR, "triggerer")
RESTARTS = 3
"""A component that ends more often has a cause that does not pass; its log says which."""


class Components:
    """What ``start`` starts. ``airflow standalone`` would not say that one of them has ended."""

    def __init__(self, environment: Mapping[str, str], home: Path, tell: Teller) -> None:
        self._environment, self._home, self._tell = environment, home, tell
        self._restarts: Counter[str] = Counter()
        self.running: dict[str, Process] = {}

    def start(self) -> None:
        """Start every component."""
        for name in COMPONENTS:
            self._start(name)

    def log_of(self, name: str) -> Path:
        """The file with a component's output."""
        return self._home / f"{name}.log"

    @property
    def log(self) -> Path:
        """The log of the web server, which everybody waits for first."""
        return self.log_of(API_SERVER)

    def ended(self) -> Process | None:
        """A component that has ended too often. One that ended for the first times is started again, and reported."""
        for name, process in list(self.running.items()):
            if process.code is None:
                continue
            if self._restarts[name] >= RESTARTS:
                return process
            self._restarts[name] += 1
            self._tell("airflow.restarted", name=name, code=process.code, log=process.log)
            process.kill()
            self._start(name)
        return None

    def stop(self, within_s: float) -> None:
        """Ask all to end, and kill what has not ended by then."""
        stop_processes(list(self.running.values()), signal.SIGTERM, within_s)

    def _start(self, name: str) -> None:
        words = [sys.executable, "-m", "airflow", name]
        self.running[name] = Process(name, words, self._environment, self.log_of(name))
