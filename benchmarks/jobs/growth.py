"""Time and memory as the file grows."""

from __future__ import annotations

from benchmarks.inputs import detector
from benchmarks.measure.program import Measured
from benchmarks.measure.table import Table
from benchmarks.options import Options
from benchmarks.programs import whole

WHAT = "`citylake run` of one file, an empty lake each time. Time should grow with the rows, memory should not."


def measure(options: Options) -> list[Table]:
    """Seconds per million rows, and peak memory."""
    programs = [whole(detector(options.work, rows), options.run_words, name=f"{rows:,} rows") for rows in options.sizes]
    measured = options.measure(*programs, runs=min(options.runs, 2))
    return [Table("growth", WHAT, measured[0].name, measured, None, dict(_facts(options.sizes, measured)))]


def _facts(sizes: tuple[int, ...], measured: list[Measured]) -> list[tuple[str, str]]:
    each = [item.seconds / rows * 1e6 for rows, item in zip(sizes, measured, strict=True)]
    told = [(f"seconds a million, {item.name}", f"{cost:.2f}") for item, cost in zip(measured, each, strict=True)]
    # Start-up takes as long for a small file as for a big one: the slope between two sizes excludes it.
    slopes = [
        (big.seconds - small.seconds) / (more - less) * 1e6
        for less, more, small, big in zip(sizes, sizes[1:], measured, measured[1:], strict=False)
    ]
    told += [
        (f"a further million from {less:,} on", f"{cost:.2f} s") for less, cost in zip(sizes, slopes, strict=False)
    ]
    return told
