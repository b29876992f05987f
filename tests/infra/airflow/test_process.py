"""Child processes: they end with all of their descendants, and a failure shows the last lines of their output."""

from __future__ import annotations

import os
import signal
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread, Timer

import pytest

from citylake.infra.airflow.child_process import Process, stop_processes, wait_for
from citylake.infra.airflow.compose_file import ComposeService
from citylake.infra.airflow.healthy import is_healthy
from citylake.infra.airflow.native_services import LOOPBACK, NativeServices
from citylake.schemas.words.errors import CitylakeError


def program(tmp_path: Path, script: str) -> Process:
    return Process("a program", ["sh", "-c", script], os.environ, tmp_path / "log")


def alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    return status.exists() and "State:\tZ" not in status.read_text()


def test_a_program_that_is_deaf_ends_with_its_children(tmp_path: Path) -> None:
    deaf = program(tmp_path, f"trap '' TERM; sleep 60 & echo $! > {tmp_path}/child; wait; sleep 60")
    child = tmp_path / "child"
    wait_for(lambda: child.exists() and child.read_text() != "", [deaf], 10)
    stop_processes([deaf], signal.SIGTERM, 0.3)
    until = time.monotonic() + 5
    while alive(int(child.read_text())) and time.monotonic() < until:
        time.sleep(0.01)
    assert not alive(deaf.pid)
    assert not alive(int(child.read_text()))


def test_a_second_interruption_while_it_ends_leaves_nothing_behind(tmp_path: Path) -> None:
    deaf = program(tmp_path, f"trap '' INT; sleep 60 & echo $! > {tmp_path}/child; wait; sleep 60")
    child = tmp_path / "child"
    wait_for(lambda: child.exists() and child.read_text() != "", [deaf], 10)
    again = Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    again.start()
    with pytest.raises(KeyboardInterrupt):
        stop_processes([deaf], signal.SIGINT, 30)
    again.join()
    wait_for(lambda: not alive(deaf.pid) and not alive(int(child.read_text())), [], 5)


def test_a_program_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(CitylakeError, match="no such database"):
        program(tmp_path, "echo no such database; exit 3").succeed(10)


def test_who_waits_hears_of_a_program_that_ends(tmp_path: Path) -> None:
    with pytest.raises(CitylakeError, match="port in use"):
        wait_for(lambda: False, [program(tmp_path, "echo port in use")], 10)


def test_an_address_of_the_cluster_is_one_of_this_machine(tmp_path: Path) -> None:
    service = ComposeService("web", ("serve", "http://web:80/", "redis:6379"), {"A__PORT": "80", "B": "http://web:80"})
    native = NativeServices({"web": service, "redis": ComposeService("redis", ())}, tmp_path, {"redis": 7000})
    port = native.port("web", "80")
    assert native.here("http://web:80/x redis:6379 other:80") == f"http://{LOOPBACK}:{port}/x {LOOPBACK}:7000 other:80"
    found = native.environment(service, "web")
    assert (found["A__PORT"], found["B"]) == (str(port), f"http://{LOOPBACK}:{port}")


def test_replicas_listen_on_ports_of_their_own(tmp_path: Path) -> None:
    service = ComposeService("work", ("true",), {"LOG_PORT": "8793"}, replicas=2)
    native = NativeServices({"work": service}, tmp_path)
    assert native.replicas("work") == ["work-1", "work-2"]
    assert len({native.environment(service, name)["LOG_PORT"] for name in native.replicas("work")}) == 2


@pytest.mark.parametrize(("status", "well"), [(200, True), (503, False)])
def test_a_health_check_believes_what_the_service_says(status: int, well: bool) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            return

    with HTTPServer((LOOPBACK, 0), Handler) as server:
        thread = Thread(target=server.handle_request)
        thread.start()
        assert is_healthy(f"http://{LOOPBACK}:{server.server_port}/health") is well
        thread.join()
    assert not is_healthy(f"http://{LOOPBACK}:{server.server_port}/health")
