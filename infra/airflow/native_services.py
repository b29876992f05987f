"""The services of a compose file as processes of this machine, without containers or their network."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from citylake.infra.airflow.child_process import Process, stop_processes, wait_for
from citylake.infra.airflow.compose_file import ComposeService

LOOPBACK = "127.0.0.1"
REPOSITORY_ROOT = Path(__file__).resolve().parents[2]
_CODE, _HOME = "/opt/citylake", "/opt/airflow"
_START_S, _STOP_S = 90.0, 20.0
_HEALTH_PAUSE_S = 1.0
"""A health check is a process: asked all the time, it would delay what it waits for."""


def free_ports(count: int) -> list[int]:
    """Free ports of the loopback interface."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.create_server((LOOPBACK, 0))) for _ in range(count)]
        return [int(probe.getsockname()[1]) for probe in probes]


@dataclass
class NativeServices:
    """Services as processes. ``elsewhere`` maps a service to the port of a server on this machine that replaces it.

    An address ``service:port`` becomes one of this machine, folders of the image become ours, and each port that a
    service listens on becomes a free one, a different one for each replica. Nothing else of the file is changed;
    ``settings`` are added to every service's environment.
    """

    services: Mapping[str, ComposeService]
    home: Path
    elsewhere: Mapping[str, int] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    running: dict[str, Process] = field(default_factory=dict)
    _ports: dict[tuple[str, str], int] = field(default_factory=dict)

    def port(self, service: str, port: str) -> int:
        """The port of this machine that replaces ``port`` of ``service`` or of one of its replicas."""
        if service in self.elsewhere:
            return self.elsewhere[service]
        if (service, port) not in self._ports:
            self._ports[service, port] = free_ports(1)[0]
        return self._ports[service, port]

    def environment(self, service: ComposeService, replica: str) -> dict[str, str]:
        """The environment variables of a process of the service."""
        own = {name: self._own(name, self.here(value), replica) for name, value in service.environment.items()}
        path = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(filter(None, (str(REPOSITORY_ROOT), os.environ.get("PYTHONPATH")))),
            "HOSTNAME": replica,
        }
        return {**_plain(os.environ), **own, **path, **self.settings}

    def here(self, text: str) -> str:
        """A text of the file with addresses and folders replaced by those of this machine."""
        names = "|".join(map(re.escape, self.services))
        text = re.sub(rf"\b({names}):(\d+)", lambda found: f"{LOOPBACK}:{self.port(found[1], found[2])}", text)
        return text.replace(_CODE, str(REPOSITORY_ROOT)).replace(_HOME, str(self.home))

    def start(self, name: str) -> list[Process]:
        """Start every replica of a service that is not running."""
        return [self.start_one(replica) for replica in self.replicas(name)]

    def start_one(self, replica: str) -> Process:
        """Start one process of a service; ``worker-2`` is its second replica."""
        service = self._service(replica)
        command = [self.here(word) for word in service.command]
        log = self.home / "services" / f"{replica}.log"
        self.running[replica] = Process(replica, command, self.environment(service, replica), log)
        return self.running[replica]

    def replicas(self, name: str) -> list[str]:
        """The names of a service's processes."""
        count = self.services[name].replicas
        return [name] if count == 1 else [f"{name}-{number}" for number in range(1, count + 1)]

    def run(self, name: str) -> None:
        """Run a service that ends by itself. Raises SERVICE_STOPPED for an exit code other than 0."""
        for process in self.start(name):
            process.succeed(_START_S)

    def healthy(self, replica: str) -> bool:
        """Whether the service's own health check passes for one of its processes."""
        service = self._service(replica)
        check = [self.here(word) for word in service.health]
        asked = subprocess.run(  # noqa: S603
            check, env=self.environment(service, replica), capture_output=True, check=False
        )
        return asked.returncode == 0

    def wait(self, *replicas: str, within_s: float = _START_S) -> None:
        """Wait until each is healthy. Raises SERVICE_STOPPED if one ends instead, or at the timeout."""
        for replica in replicas:
            healthy = partial(self.healthy, replica)
            wait_for(healthy, [self.running[replica]], within_s, _HEALTH_PAUSE_S)

    def stop(self, names: Sequence[str] = (), how: signal.Signals = signal.SIGTERM) -> None:
        """Stop these processes, or all if none is named, in reverse order of their start."""
        chosen = [self.running.pop(name) for name in reversed(names or tuple(self.running)) if name in self.running]
        stop_processes(chosen, how, _STOP_S)

    def _own(self, name: str, value: str, replica: str) -> str:
        """A free port for a setting that names a port to listen on."""
        return str(self.port(replica, value)) if name.endswith("_PORT") else value

    def _service(self, replica: str) -> ComposeService:
        return self.services[replica if replica in self.services else replica.rpartition("-")[0]]


def _plain(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without variables that configure another Airflow."""
    return {name: value for name, value in environ.items() if not name.startswith(("AIRFLOW", "CITYLAKE_", "AWS_"))}
