"""Runs commands of citylake, each in a fork of a process that has imported everything, so that none has to start.

Each line of standard input is a JSON list of commands that run at once; each is answered with one line. The process
must be started with the library of ``kill_points.c`` in ``LD_PRELOAD``. No engine has started its threads
before a fork, in which they would be missing.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import pkgutil
import re
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

IDLE_THREADS = {"python", "jemalloc_bg_thd", "polars-ooc-clea"}
"""Threads that importing starts: they wait, and no fork needs them."""
NOT_IN_COMMANDS = "citylake.quality.expectations"
"""Great Expectations, which no disturbed command uses."""
TIMEOUT_S = 300


def threads() -> set[str]:
    """Return the names of the threads of this process."""
    found = {Path(f"/proc/self/task/{each}/comm").read_text("utf-8").strip() for each in os.listdir("/proc/self/task")}
    return {re.sub(r"^python[0-9.]*$", "python", name) for name in found}


def load_everything() -> None:
    """Import every module that a command may use, and run nothing."""
    import citylake.pipelines
    import citylake.quality
    import citylake.schemas

    for package in (citylake.schemas, citylake.quality, citylake.pipelines):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__") and not module.name.startswith(NOT_IN_COMMANDS):
                _import_if_possible(module.name)


def _import_if_possible(name: str) -> None:
    try:
        importlib.import_module(name)
    except ImportError:
        return  # an optional library is missing


def answer(together: list[dict[str, Any]], library: ctypes.CDLL) -> list[dict[str, Any]]:
    """Run commands at once, each in a fork. Return their exit codes and how many changes they made."""
    started = [_start(wanted, library) for wanted in together]
    return [_end(*each) for each in started]


def _start(wanted: dict[str, Any], library: ctypes.CDLL) -> tuple[int, int]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _become_command(wanted, library, writing)
    os.close(writing)
    return child, reading


def _end(child: int, reading: int) -> dict[str, Any]:
    with os.fdopen(reading) as pipe:
        changes = pipe.read()
    status = os.waitpid(child, 0)[1]
    return {"code": os.waitstatus_to_exitcode(status), "changes": int(changes or 0)}


def _become_command(wanted: dict[str, Any], library: ctypes.CDLL, writing: int) -> None:
    """Never returns."""
    code = 70
    signal.alarm(TIMEOUT_S)
    try:
        for descriptor, name in ((1, "out"), (2, "err")):
            file = os.open(wanted[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            os.dup2(file, descriptor)
        from citylake.pipelines.cli import main
        from citylake.pipelines.cli.terminal_log import guard_log
        from tests.faults.kill_points.upkeep_now import upkeep_now

        library.kill_points_arm(wanted["folder"].encode(), wanted["mode"], wanted["number"], wanted["error"])
        guard_log()
        words = wanted["command"]
        code = upkeep_now(*words[1:]) if words[0] == "upkeep-now" else main(words)
    except BaseException:
        traceback.print_exc()
    finally:
        library.kill_points_count.restype = ctypes.c_long
        os.write(writing, str(library.kill_points_count()).encode())
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def serve() -> None:
    """Answer until standard input ends."""
    library = ctypes.CDLL(os.environ["LD_PRELOAD"])
    library.kill_points_arm.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_long, ctypes.c_int]
    load_everything()
    assert threads() <= IDLE_THREADS, threads()
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line), library)), flush=True)


if __name__ == "__main__":
    serve()
