"""What is measured: a command, its preparation, and the check of its result."""

from __future__ import annotations

import os
import shutil
import statistics
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.measure.process import Sample, run

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Program:
    """``{out}`` in ``command`` and ``check`` is the program's own folder: empty, or filled by ``prepare``."""

    name: str
    command: tuple[str, ...]
    check: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[Path], None] | None = None
    times: int | None = None
    """The number of runs, if it differs from that of the others."""
    codes: tuple[int, ...] = (0,)
    """The exit codes of success."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Every run of one program."""

    name: str
    samples: tuple[Sample, ...]

    @property
    def seconds(self) -> float:
        """The median in seconds."""
        return statistics.median(sample.seconds for sample in self.samples)

    @property
    def cpu_seconds(self) -> float:
        """The median, over all cores."""
        return statistics.median(sample.cpu_seconds for sample in self.samples)

    def ratio(self, base: Measured) -> float:
        """How many times as fast as ``base``: the median of the ratios by turn, because load slows both in a turn.

        The ratio of the medians if the two did not run in the same turns.
        """
        return self._ratio(base, lambda sample: sample.seconds)

    def cpu_ratio(self, base: Measured) -> float:
        """Like :meth:`ratio`, of CPU seconds over all cores: steadier than the clock on a machine with other work."""
        return self._ratio(base, lambda sample: sample.cpu_seconds)

    def _ratio(self, base: Measured, of: Callable[[Sample], float]) -> float:
        if len(self.samples) != len(base.samples):
            return statistics.median(map(of, base.samples)) / statistics.median(map(of, self.samples))
        pairs = zip(base.samples, self.samples, strict=True)
        return statistics.median(of(other) / of(own) for other, own in pairs)

    @property
    def peak_mb(self) -> float:
        """The highest of all runs."""
        return max(sample.peak_mb for sample in self.samples)

    @property
    def own_mb(self) -> float:
        """The highest of all runs, without files mapped into memory."""
        return max(sample.own_mb for sample in self.samples)


def python(module: str, *args: object) -> tuple[str, ...]:
    """A module, run with this Python."""
    return (sys.executable, "-m", module, *map(str, args))


def in_turns(programs: Sequence[Program], runs: int, work: Path, tell: Callable[[str], None]) -> list[Measured]:
    """Run A B C A B C …: then the machine's load affects all equally. Raises FailedError at the first failure."""
    samples: dict[str, list[Sample]] = {program.name: [] for program in programs}
    for turn in range(runs):
        for program in programs:
            if turn < (program.times or runs):
                sample = once(program, work)
                samples[program.name].append(sample)
                tell(f"{program.name}: {sample.seconds:.2f} s, {sample.peak_mb:,.0f} MiB")
    return [Measured(name, tuple(found)) for name, found in samples.items()]


def once(program: Program, work: Path) -> Sample:
    """One run from an empty folder, after earlier output is synced to disk; then the check."""
    out = work / _file_name(program.name)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    if program.prepare:
        program.prepare(out)
    os.sync()
    env = {"PYTHONPATH": str(ROOT), "BENCH_OUT": str(out), **program.env}
    sample = run(_filled(program.command, out), env, work / f"{out.name}.log", program.codes)
    if program.check:
        run(_filled(program.check, out), env, work / f"{out.name}.check.log")
    shutil.rmtree(out, ignore_errors=True)
    return sample


def _filled(command: Iterable[str], out: Path) -> list[str]:
    return [word.replace("{out}", str(out)) for word in command]


def _file_name(name: str) -> str:
    return "".join(char if char.isalnum() else "-" for char in name.lower())
