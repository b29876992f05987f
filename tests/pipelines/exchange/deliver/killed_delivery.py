"""Delivers in a process of its own that is killed at one point: workspace, lake, function, number of the call, when."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from pathlib import Path
from typing import Any

from citylake.pipelines.cli.deliver_command import cli_deliver
from citylake.pipelines.cli.shared_options import SharedOptions

workspace, lake, place, number, when = sys.argv[1:]
module, _, name = place.rpartition(":")
owner: Any = importlib.import_module(module)
for part in name.split(".")[:-1]:
    owner = getattr(owner, part)
last = name.split(".")[-1]
real, calls = getattr(owner, last), 0


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dying(*words: Any, **named: Any) -> Any:
    global calls
    calls += 1
    if calls == int(number) and when == "before":
        die()
    done = real(*words, **named)
    if calls == int(number):
        die()
    return done


class Asked:
    """The part of typer's context that the command reads."""

    obj = SharedOptions(Path(workspace), lake)


setattr(owner, last, dying)
cli_deliver(Asked(), None, status=False, why="test", user="clerk", as_json=True)  # type: ignore[arg-type]
