"""Runs commands of citylake, each in a fork of a process that has imported everything, so that none has to start.

Each line of standard input is a JSON list of commands that run at once; each is answered with one line. The process
must be started with the library of ``kill_points.c`` in ``LD_PRELOAD``. No engine has started its threads
before a fork, in which they would be missing.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import signal
import sys
import traceback
from typing import Any

from citylake.pipelines.cli import collect_rarely
from tests.forked.imported import load_everything

TIMEOUT_S = 300


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
    collect_rarely()
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line), library)), flush=True)


if __name__ == "__main__":
    serve()
