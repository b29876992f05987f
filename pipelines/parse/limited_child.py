"""A function of a library that may take any amount of memory, or end its process: called in a child with limits."""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
from typing import Any

_OVERHEAD = 300_000_000
"""Bytes that libraries reserve besides what grows with the input."""
_TIMEOUT_S = 900
_FRUGAL = {
    "POLARS_MAX_THREADS": "1",
    "_RJEM_MALLOC_CONF": "background_thread:false",
    "MALLOC_ARENA_MAX": "1",
    "MIMALLOC_ARENA_EAGER_COMMIT": "0",
}
"""Each thread reserves memory, and one that cannot start ends the process; fastexcel's allocator (mimalloc) would
commit 1 GiB at once, which the limit counts."""


class ChildStoppedError(Exception):
    """The child has failed, with the reason: a fault of the function, or what ended the process."""


def call_limited(module: str, function: str, arguments: list[Any], memory: int, timeout_s: float = _TIMEOUT_S) -> Any:
    """What ``function(*arguments)`` of ``module`` returns, in a child that may take ``memory`` bytes more.

    Arguments and result are JSON. Raises ChildStoppedError; an error of the function is its class and text.
    """
    command = [sys.executable, "-m", __name__, module, function, str(memory + _OVERHEAD)]
    try:
        ran = subprocess.run(  # noqa: S603
            command,
            input=json.dumps(arguments).encode(),
            capture_output=True,
            timeout=timeout_s,
            env={**os.environ, **_FRUGAL},
        )
    except subprocess.TimeoutExpired:
        raise ChildStoppedError(f"not read within {timeout_s:g} s") from None
    if ran.returncode:
        raise ChildStoppedError(_reason(ran.returncode, ran.stderr, memory))
    answer = json.loads(ran.stdout.splitlines()[-1])
    if "error" in answer:
        raise ChildStoppedError(answer["error"])
    return answer["result"]


def _reason(code: int, said: bytes, memory: int) -> str:
    """A process that a signal has ended was out of memory, or found what its library cannot read."""
    if code < 0:
        return f"{signal.Signals(-code).name}, with {memory // 1_000_000} MB"
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else f"exit code {code}"


def _limit_memory(memory: int) -> None:
    """Let this process take ``memory`` bytes more than it has."""
    if sys.platform != "linux":
        return
    import resource

    with open("/proc/self/statm", encoding="ascii") as file:
        now = int(file.read().split()[5]) * resource.getpagesize()
    # Not RLIMIT_AS: allocators reserve far more addresses than they use.
    resource.setrlimit(resource.RLIMIT_DATA, (now + memory, now + memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _run() -> None:
    module, function, memory = sys.argv[1:4]
    called = getattr(importlib.import_module(module), function)
    _limit_memory(int(memory))
    try:
        answer = {"result": called(*json.load(sys.stdin))}
    except MemoryError:
        answer = {"error": f"more than {int(memory) // 1_000_000} MB"}
    except Exception as error:
        text = str(error).splitlines()
        answer = {"error": text[0] if text else type(error).__name__}
    print(json.dumps(answer))


if __name__ == "__main__":
    _run()
