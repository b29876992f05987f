"""Sizes, runs and folders: the same for every job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure.program import Measured, Program, in_turns


@dataclass(frozen=True, slots=True)
class Options:
    """``rows``: the number of rows of most jobs; the others use a fraction of it."""

    work: Path
    rows: int
    core_rows: tuple[int, ...]
    """Sizes at which the core job is measured."""
    runs: int
    base_rows: int
    """Rows in the lake before an upsert or a mart."""
    sizes: tuple[int, ...]
    """Rows of the runs that measure growth of time and memory."""
    memory: str | None
    """``--memory`` of ``citylake run``, if set."""
    tell: Callable[[str], None]
    datasets: int = 200
    """Datasets of the year."""
    days: int = 365
    """Days of the year."""

    def measure(self, *programs: Program, runs: int | None = None) -> list[Measured]:
        """Each program ``runs`` times, in turns."""
        return in_turns(programs, runs or self.runs, self.work / "run", self.tell)

    @property
    def run_words(self) -> tuple[str, ...]:
        """Additional options of ``citylake run``."""
        return ("--memory", self.memory) if self.memory else ()
