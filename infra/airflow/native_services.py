"""The services of a compose file as processes of this machine, with neither containers nor their network."""

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
from pathlib import Path

from citylake.infra.airflow.child_process import Process, stop_processes, wait_for
from citylake.infra.airflow.compose_file import ComposeService

LOOPBACK = "127.0.0.1"
REPOSITORY_ROOT = Path(__file__).resolve().parents[2]
_CODE, _HOME = "/opt/citylake", "/opt/airflow"
_START_S, _STOP_S = 90.0, 20.0


def free_ports(count: int) -> list[int]:
    """Ports of the loopback that nobody listens on."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.create_server((LOOPBACK, 0))) for _ in range(count)]
        return [int(probe.getsockname()[1]) for probe in probes]


@dataclass
class NativeServices:
    """Services as processes. ``elsewhere`` says at which port of this machine a server stands in for a service.

    An address ``service:port`` becomes one of this machine, the folders of the image become ours, and a port that a
    service listens on becomes a free one, for each of its replicas another. Nothing else of the file is changed;
    ``settings`` are added to every service's environment.
    """

    services: Mapping[str, ComposeService]
    home: Path
    elsewhere: Mapping[str, int] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    running: dict[str, Process] = field(default_factory=dict)
    _ports: dict[tuple[str, str], int] = field(default_factory=dict)

    def port(self, service: str, port: str) -> int:
        """Where this machine has the ``port`` of ``service``, or of a replica of it."""
        if service in self.elsewhere:
            return self.elsewhere[service]
        if (service, port) not in self._ports:
            self._ports[service, port] = free_ports(1)[0]
        return self._ports[service, port]

    def environment(self, service: ComposeService, replica: str) -> dict[str, str]:
        """What a process of the service finds in its environment."""
        own = {name: self._own(name, self.here(value), replica) for name, value in service.environment.items()}
        path = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(filter(None, (str(REPOSITORY_ROOT), os.environ.get("PYTHONPATH")))),
            "HOSTNAME": replica,
        }
        return {**_plain(os.environ), **own, **path, **self.settings}

    def here(self, text: str) -> str:
        """A text of the file, with addresses and folders of this machine."""
        names = "|".join(map(re.escape, self.services))
        text = re.sub(rf"\b({names}):(\d+)", lambda found: f"{LOOPBACK}:{self.port(found[1], found[2])}", text)
        return text.replace(_CODE, str(REPOSITORY_ROOT)).replace(_HOME, str(self.home))

    def start(self, name: str) -> list[Process]:
        """Start every replica of a service that does not run."""
        return [self.start_one(replica) for replica in self.replicas(name)]

    def start_one(self, replica: str) -> Process:
        """Start one process of a service: of ``worker-2``, the second of its replicas."""
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
        """Run a service that comes to an end. Raises SERVICE_STOPPED where that is a bad one."""
        for process in self.start(name):
            process.succeed(_START_S)

    def healthy(self, replica: str) -> bool:
        """What the service's own health check says of one of its processes."""
        service = self._service(replica)
        check = [self.here(word) for word in service.health]
        asked = subprocess.run(  # noqa: S603
            check, env=self.environment(service, replica), capture_output=True, check=False
        )
        return asked.returncode == 0

    def wait(self, *replicas: str, within_s: float = _START_S) -> None:
        """Until each is healthy. Raises SERVICE_STOPPED where one ends instead, or takes too long."""
        for replica in replicas:
            wait_for(lambda name=replica: self.healthy(name), [self.running[replica]], within_s)  # type: ignore[misc]

    def stop(self, names: Sequence[str] = (), how: signal.Signals = signal.SIGTERM) -> None:
        """Stop these processes (all, where none is named), the last started first asked."""
        chosen = [self.running.pop(name) for name in reversed(names or tuple(self.running)) if name in self.running]
        stop_processes(chosen, how, _STOP_S)

    def _own(self, name: str, value: str, replica: str) -> str:
        """A setting that is a port to listen on is given a free one."""
        return str(self.port(replica, value)) if name.endswith("_PORT") else value

    def _service(self, replica: str) -> ComposeService:
        return self.services[replica if replica in self.services else replica.rpartition("-")[0]]


def _plain(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without what would change an Airflow that is not ours."""
    return {name: value for name, value in environ.items() if not name.startswith(("AIRFLOW", "CITYLAKE_", "AWS_"))}
