"""Small runs: the help page, a run without news, and one small file from its source to the table."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from benchmarks.inputs import call, citylake, detector, made
from benchmarks.measure.program import Measured, Program, python
from benchmarks.measure.table import Table
from benchmarks.options import Options
from benchmarks.programs import verified
from benchmarks.variants import readings, workspace

CONTRACTS, ROWS = 200, 100
POLARS, HELP = "python -c 'import polars'", "citylake --help"
NOTHING, SMALL = f"nothing to do, {CONTRACTS} contracts", f"one file of {ROWS} rows, pull to commit"
TARGETS = {HELP: 0.15, NOTHING: 1.0, SMALL: 1.5}


def measure(options: Options) -> list[Table]:
    """Seconds from the start of the command to its end, beside an import that no run can do without."""
    folder, lake = _workspace(options.work), options.work / "base" / f"small-{CONTRACTS}"
    made(lake, lambda: call(citylake(folder, str(lake), "run", "--json")))
    source = detector(options.work, ROWS)
    alone = workspace(options.work / "workspace-small", {"detector/readings": readings(source={"path": str(source)})})
    measured = options.measure(
        Program(POLARS, (sys.executable, "-c", "import polars")),
        Program(HELP, citylake(folder, "{out}", "--help")),
        Program(
            NOTHING,
            citylake(folder, "{out}", "run", "--json"),
            python("benchmarks.idle_check", "{out}", CONTRACTS),
            prepare=lambda out: _copied(lake, out),
        ),
        Program(SMALL, citylake(alone, "{out}", "run", "--json"), verified(source)),
        runs=max(options.runs, 7),
    )
    what = "Whole processes. Every one of the contracts has a file of 10 rows, which the lake has already."
    return [Table("start", what, POLARS, measured, None, dict(map(_fact, measured[1:], [measured[0]] * 3)))]


def _fact(item: Measured, base: Measured) -> tuple[str, str]:
    times, cpu = 1 / item.ratio(base), item.cpu_seconds / base.cpu_seconds
    told = f"{item.seconds:.2f} s (target {TARGETS[item.name]} s), {times:.1f} imports of polars, by CPU {cpu:.1f}"
    return item.name, told


def _workspace(work: Path) -> Path:
    source = detector(work, 10)
    contracts = {
        f"detector/d{number:03d}": readings(dataset=f"detector.d{number:03d}", source={"path": str(source)})
        for number in range(CONTRACTS)
    }
    return workspace(work / "workspace-idle", contracts)


def _copied(lake: Path, out: Path) -> None:
    shutil.copytree(lake, out, dirs_exist_ok=True)
