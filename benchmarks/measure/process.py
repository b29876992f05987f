"""One program as a whole process: wall time, CPU time, and memory, including its descendants."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

EVERY_S = 0.02


class FailedError(RuntimeError):
    """A program that ended with an exit code other than 0: its time is not a result."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One run. Memory in MiB: ``peak`` is resident memory with mapped files; ``own`` is without them."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    own_mb: float


def run(command: Sequence[str], env: Mapping[str, str], log: Path, codes: Collection[int] = (0,)) -> Sample:
    """Run ``command`` to its end, its output in ``log``; raises FailedError unless it ends with one of ``codes``."""
    before = os.times()
    with log.open("wb") as out:
        start = time.perf_counter()
        process = subprocess.Popen(command, env={**os.environ, **env}, stdout=out, stderr=subprocess.STDOUT)
        seen = _watched(process)
        seconds = time.perf_counter() - start
    after = os.times()
    if process.returncode not in codes:
        raise FailedError(f"{' '.join(command)} ended with {process.returncode}:\n{log.read_text()[-3000:]}")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    # A descendant that nobody waited for (a JVM, for example) is only in the samples.
    return Sample(
        seconds, max(cpu, sum(seen.ticks.values()) / os.sysconf("SC_CLK_TCK")), seen.peak / 1024, seen.own / 1024
    )


@dataclass(slots=True)
class _Seen:
    """The peak sums in KiB over a process and its descendants, and the clock ticks that each used."""

    peak: int = 0
    own: int = 0
    ticks: dict[int, int] = field(default_factory=dict)

    def look(self, pid: int) -> None:
        """Take a sample."""
        tree = _tree(pid)
        memory = [_memory(one) for one in tree]
        # A single process has a high-water mark, which samples would miss.
        highest = memory[0][2] if len(memory) == 1 else 0
        self.peak = max(self.peak, highest, sum(resident for resident, _, _ in memory))
        self.own = max(self.own, sum(anonymous for _, anonymous, _ in memory))
        for one in tree:
            self.ticks[one] = max(self.ticks.get(one, 0), _ticks(one))


def _watched(process: subprocess.Popen[bytes]) -> _Seen:
    seen = _Seen()
    while True:
        seen.look(process.pid)
        with suppress(subprocess.TimeoutExpired):
            process.wait(EVERY_S)
            return seen


def _tree(pid: int) -> list[int]:
    found, waiting = [], [pid]
    while waiting:
        found.append(current := waiting.pop())
        with suppress(OSError):
            for thread in Path(f"/proc/{current}/task").iterdir():
                waiting += map(int, (thread / "children").read_text().split())
    return found


def _ticks(pid: int) -> int:
    """User and system time of one process, without its children; 0 if it has ended."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])
    return 0


def _memory(pid: int) -> tuple[int, int, int]:
    """Resident, anonymous and highest resident KiB of one process; 0 if it has ended or the system is not Linux."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0, 0, 0
    told = dict(line.split(":", 1) for line in lines)
    resident, anonymous, highest = (int(told.get(name, "0").split()[0]) for name in ("VmRSS", "RssAnon", "VmHWM"))
    return resident, anonymous, highest
