"""Commands of citylake that die, or see their disk fail, at a chosen change of the watched folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

SOURCE = Path(__file__).with_name("kill_points.c")
REPOSITORY = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens at the change with this ``number`` (the first is 1). ``error``: an errno."""

    mode: str
    number: int = -1
    error: int = 0

    @property
    def kills(self) -> bool:
        """Whether the process ends at once."""
        return self.mode.startswith("kill")


MODES = ("count", "kill", "kill_halfway", "fail_once", "fail_from")
"""Numbered as in ``kill_points.c``. ``kill_halfway``: after half of a write; ``fail_from``: from then on."""
NO_FAULT = Fault("count")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended. ``code``: -9 if it was killed; ``changes``: how many it made, 0 if it was killed."""

    code: int
    changes: int
    out: str
    err: str


class FaultyCommands:
    """A server process that runs commands; ``root`` is watched, and what a command prints is kept beside it."""

    def __init__(self, library: Path, root: Path) -> None:
        self._root, self._printed = root, root.with_name(f"{root.name}-printed")
        self._printed.mkdir(exist_ok=True)
        environment = {**os.environ, "LD_PRELOAD": str(library), "CITYLAKE_LANG": "en", "CITYLAKE_SYNC": "on"}
        server = [sys.executable, "-m", "tests.faults.kill_points.fork_server"]
        self._server = subprocess.Popen(
            server, cwd=REPOSITORY, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the server."""
        self._server.communicate()

    def run(self, command: Sequence[str], fault: Fault = NO_FAULT) -> Ended:
        """Run one command to its end."""
        return self.run_together([command], fault)[0]

    def run_together(self, commands: Sequence[Sequence[str]], fault: Fault = NO_FAULT) -> list[Ended]:
        """Start the commands at once, each in a process of its own, and wait for all of them."""
        assert self._server.stdin
        assert self._server.stdout
        wanted = [self._wanted(number, command, fault) for number, command in enumerate(commands)]
        self._server.stdin.write(f"{json.dumps(wanted)}\n")
        self._server.stdin.flush()
        answers = json.loads(self._server.stdout.readline())
        return [
            Ended(answer["code"], answer["changes"], *(Path(each[name]).read_text("utf-8") for name in ("out", "err")))
            for each, answer in zip(wanted, answers, strict=True)
        ]

    def _wanted(self, number: int, command: Sequence[str], fault: Fault) -> dict[str, Any]:
        return {
            "command": list(command),
            "folder": str(self._root),
            "out": str(self._printed / f"{number}.out"),
            "err": str(self._printed / f"{number}.err"),
            "mode": MODES.index(fault.mode),
            "number": fault.number,
            "error": fault.error,
        }
