"""A program in a session of its own, with its output in a file, which ends with everything that it has started."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from citylake.schemas.words.errors import CitylakeError

TAIL_BYTES = 4000
_PAUSE_S = 0.1


class Process:
    """Started at once. A session of its own: the terminal's Ctrl-C reaches only us, and we stop it in order."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.name, self.log = name, log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._popen = subprocess.Popen(  # noqa: S603 (the commands are compose's and our own)
                command, env=dict(environment), stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )

    @property
    def pid(self) -> int:
        """The id of the process, and of its group."""
        return self._popen.pid

    @property
    def code(self) -> int | None:
        """The exit code; none while it runs."""
        return self._popen.poll()

    def ask(self, how: signal.Signals) -> None:
        """Send it a signal, if it is there."""
        if self.code is None:
            self._popen.send_signal(how)

    def end(self, within_s: float) -> None:
        """Wait for its end, then kill what is left of its group."""
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(within_s)
        self.kill()

    def kill(self) -> None:
        """End it, and all that it started, at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._popen.wait()

    def tail(self) -> str:
        """The end of its output."""
        return self.log.read_bytes()[-TAIL_BYTES:].decode("utf-8", "replace")

    def succeed(self, within_s: float) -> None:
        """Wait until it has ended well. Raises SERVICE_STOPPED with the end of its output."""
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(within_s)
        if self.code != 0:
            self.kill()
            raise CitylakeError("SERVICE_STOPPED", service=self.name, log=str(self.log), why=self.tail())


def wait_for(ready: Callable[[], bool], running: Sequence[Process], within_s: float) -> None:
    """Until ``ready``. Raises SERVICE_STOPPED where one of ``running`` ends before, or the time does."""
    until = time.monotonic() + within_s
    while not ready():
        ended = next((process for process in running if process.code is not None), None)
        if ended or time.monotonic() > until:
            slow = ended or running[0]
            raise CitylakeError("SERVICE_STOPPED", service=slow.name, log=str(slow.log), why=slow.tail())
        time.sleep(_PAUSE_S)


def stop_processes(processes: Sequence[Process], how: signal.Signals, within_s: float) -> None:
    """End all of them at once: each is asked, and killed where it does not, or where we are interrupted once more."""
    until = time.monotonic() + within_s
    try:
        for process in processes:
            process.ask(how)
        for process in processes:
            process.end(max(0.0, until - time.monotonic()))
    except BaseException:
        for process in processes:
            process.kill()
        raise
