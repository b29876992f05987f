"""A program in its own session, with its output in a file. Stopping it also stops its descendants."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from citylake.schemas.words.errors import CitylakeError

TAIL_BYTES = 4000
_LINES = 12
_FRAME = re.compile(r"\s|Traceback |During handling of|The above exception")
_PAUSE_S = 0.1


class Process:
    """Starts at once, in its own session: the terminal's Ctrl-C reaches only this process, which stops it in order."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.name, self.log = name, log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._popen = subprocess.Popen(  # noqa: S603 (the commands are compose's and our own)
                command, env=dict(environment), stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )

    @property
    def pid(self) -> int:
        """The id of the process and of its process group."""
        return self._popen.pid

    @property
    def code(self) -> int | None:
        """The exit code; None while it runs."""
        return self._popen.poll()

    def ended(self) -> Process | None:
        """Itself, if it has ended."""
        return self if self.code is not None else None

    def ask(self, how: signal.Signals) -> None:
        """Send it a signal, if it is running."""
        if self.code is None:
            self._popen.send_signal(how)

    def end(self, within_s: float) -> None:
        """Wait until it ends, then kill what is left of its process group."""
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(within_s)
        self.kill()

    def kill(self) -> None:
        """Kill it and its process group at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._popen.wait()

    def tail(self) -> str:
        """The last lines of its output."""
        return self.log.read_bytes()[-TAIL_BYTES:].decode("utf-8", "replace")

    def last_words(self) -> str:
        """The last lines of its output that are no part of a traceback."""
        lines = [line for line in self.tail().splitlines() if line.strip() and not _FRAME.match(line)]
        return "\n".join(lines[-_LINES:]) or "—"

    def succeed(self, within_s: float) -> None:
        """Wait for exit code 0. For any other, raises SERVICE_STOPPED with the last lines of the output."""
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(within_s)
        if self.code != 0:
            self.kill()
            raise CitylakeError("SERVICE_STOPPED", service=self.name, log=str(self.log), why=self.tail())


def wait_for(ready: Callable[[], bool], running: Sequence[Process], within_s: float, pause_s: float = _PAUSE_S) -> None:
    """Wait until ``ready``, which is asked every ``pause_s`` seconds.

    Raises SERVICE_STOPPED if one of ``running`` ends first, or at the timeout.
    """
    until = time.monotonic() + within_s
    while not ready():
        ended = next((process for process in running if process.code is not None), None)
        if ended or time.monotonic() > until:
            slow = ended or running[0]
            raise CitylakeError("SERVICE_STOPPED", service=slow.name, log=str(slow.log), why=slow.tail())
        time.sleep(pause_s)


def stop_processes(processes: Sequence[Process], how: signal.Signals, within_s: float) -> None:
    """Stop all in parallel: each gets the signal, and is killed if it does not end or if we are interrupted again."""
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
