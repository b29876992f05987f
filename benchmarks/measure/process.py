"""One program as a whole process: wall time, CPU time, and the memory of everything that it starts."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

EVERY_S = 0.02


class FailedError(RuntimeError):
    """A program that ended with another code than 0: a fast wrong answer is none."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One run. Memory in MiB: ``peak`` is what was resident, mapped files included; ``own`` is that without them."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    own_mb: float


def run(command: Sequence[str], env: Mapping[str, str], log: Path) -> Sample:
    """Run ``command`` to its end, its output in ``log``; raises FailedError."""
    before = os.times()
    with log.open("wb") as out:
        start = time.perf_counter()
        process = subprocess.Popen(command, env={**os.environ, **env}, stdout=out, stderr=subprocess.STDOUT)
        peak, own = _watched(process)
        seconds = time.perf_counter() - start
    after = os.times()
    if process.returncode:
        raise FailedError(f"{' '.join(command)} ended with {process.returncode}:\n{log.read_text()[-3000:]}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Sample(seconds, cpu, peak / 1024, own / 1024)


def _watched(process: subprocess.Popen[bytes]) -> tuple[int, int]:
    """The highest sums, in KiB, over the process and its descendants while it runs."""
    peak = own = 0
    while True:
        tree = [_memory(pid) for pid in _tree(process.pid)]
        # A process alone is told its own high-water mark, which looking now and then would miss.
        highest = tree[0][2] if len(tree) == 1 else 0
        peak = max(peak, highest, sum(resident for resident, _, _ in tree))
        own = max(own, sum(anonymous for _, anonymous, _ in tree))
        with suppress(subprocess.TimeoutExpired):
            process.wait(EVERY_S)
            return peak, own


def _tree(pid: int) -> list[int]:
    found, waiting = [], [pid]
    while waiting:
        found.append(current := waiting.pop())
        with suppress(OSError):
            for thread in Path(f"/proc/{current}/task").iterdir():
                waiting += map(int, (thread / "children").read_text().split())
    return found


def _memory(pid: int) -> tuple[int, int, int]:
    """Resident, anonymous and highest resident KiB of one process; 0 where it is gone, or the system is not Linux."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0, 0, 0
    told = dict(line.split(":", 1) for line in lines)
    resident, anonymous, highest = (int(told.get(name, "0").split()[0]) for name in ("VmRSS", "RssAnon", "VmHWM"))
    return resident, anonymous, highest
