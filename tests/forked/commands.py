"""Start commands of citylake as forks, and wait for them as for processes."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

import pytest

ROOT = Path(__file__).parents[2]
_START_S = 120.0
CLIENT = """#!{python} -ISs
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as asked:
    asked.connect({path!r})
    socket.send_fds(asked, [b"f"], [0, 1, 2])
    wanted = {{"words": sys.argv[1:], "folder": os.getcwd(), "variables": dict(os.environ)}}
    asked.sendall(json.dumps(wanted).encode() + b"\\n")
    code = int(asked.makefile().read().split()[1])
if code < 0:
    os.kill(os.getpid(), -code)
sys.exit(code)
"""
"""A command for a shell: it stands for the fork that it asks for, with its descriptors, folder and environment."""


class Forked:
    """A command that runs, or has ended: the part of ``subprocess.Popen`` that tests use."""

    def __init__(self, connection: socket.socket) -> None:
        self._answer = connection.makefile(encoding="utf-8")
        self._connection = connection
        self.pid = int(self._answer.readline())
        self.returncode: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code. Raises TimeoutExpired."""
        if self.returncode is None:
            if not select.select([self._connection], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("citylake", timeout or 0.0)
            self.returncode = int(self._answer.readline())
            self._answer.close()
            self._connection.close()
        return self.returncode

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""
        with suppress(subprocess.TimeoutExpired):
            return self.wait(0.0)
        return None

    def send_signal(self, how: signal.Signals) -> None:
        """Send it a signal, if it is running."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, how)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


class ForkedCommands:
    """A server process, and the commands that it runs; the server ends with this process, if not before."""

    def __init__(
        self,
        preload: Path | None = None,
        begin: str = "",
        module: str = "tests.forked.server",
        variables: Mapping[str, str] | None = None,
    ) -> None:
        """``begin``: a function of the library ``preload`` that each command calls before it begins.

        ``module`` serves, with ``variables`` as its environment.
        """
        self._folder = Path(tempfile.mkdtemp(prefix="citylake-commands-"))
        self.path = str(self._folder / "socket")
        self._preload = {"LD_PRELOAD": str(preload)} if preload else {}
        command = [sys.executable, "-m", module, self.path, *([begin] if begin else [])]
        environment = {**(variables or os.environ), **self._preload}
        self._server = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE)
        until = time.monotonic() + _START_S
        while not os.path.exists(self.path):
            assert self._server.poll() is None, "the server of commands has ended"
            assert time.monotonic() < until, "the server of commands did not start"
            time.sleep(0.02)

    def start(
        self,
        words: Sequence[str],
        variables: Mapping[str, str] | None = None,
        output: int | IO[str] = subprocess.DEVNULL,
        errors: IO[str] | None = None,
    ) -> Forked:
        """Start ``citylake`` with these words in this folder; ``output`` takes what it prints, or ``errors`` a part."""
        wanted = {
            "words": list(words),
            "folder": os.getcwd(),
            "variables": {**(variables or os.environ), **self._preload},
        }
        with open(os.devnull, "r+b") as nothing:
            printed = nothing.fileno() if output == subprocess.DEVNULL else output.fileno()  # type: ignore[union-attr]
            asked = socket.socket(socket.AF_UNIX)
            asked.connect(self.path)
            socket.send_fds(asked, [b"f"], [nothing.fileno(), printed, errors.fileno() if errors else printed])
        asked.sendall(json.dumps(wanted).encode() + b"\n")
        return Forked(asked)

    def write_command(self, file: Path) -> None:
        """Write a command for shells that is ``citylake``."""
        file.write_text(CLIENT.format(python=sys.executable, path=self.path), "utf-8")
        file.chmod(0o755)

    def close(self) -> None:
        """End the server."""
        assert self._server.stdin
        self._server.stdin.close()
        self._server.wait()
        shutil.rmtree(self._folder)


@pytest.fixture(scope="session")
def forked() -> Iterator[ForkedCommands]:
    """One server for all tests of this process; it starts with the first of them."""
    if sys.platform != "linux":
        pytest.skip("only on Linux are the threads of a process known")
    commands = ForkedCommands()
    yield commands
    commands.close()
