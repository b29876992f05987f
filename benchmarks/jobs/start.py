"""Start-up time: the help page, and a run without news."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from benchmarks.inputs import call, citylake, detector, made
from benchmarks.measure.program import Program
from benchmarks.measure.table import Table
from benchmarks.options import Options
from benchmarks.variants import readings, workspace

CONTRACTS = 200
PYTHON, HELP, NOTHING = "python -c pass", "citylake --help", f"nothing to do, {CONTRACTS} contracts"
TARGETS = {HELP: 0.2, NOTHING: 1.0}


def measure(options: Options) -> list[Table]:
    """Seconds from the start of the command to its end."""
    folder, lake = _workspace(options.work), options.work / "base" / f"start-{CONTRACTS}"
    made(lake, lambda: call(citylake(folder, str(lake), "run", "--json")))
    measured = options.measure(
        Program(PYTHON, (sys.executable, "-c", "pass")),
        Program(HELP, citylake(folder, "{out}", "--help")),
        Program(
            NOTHING,
            citylake(folder, "{out}", "run", "--json"),
            prepare=lambda out: _copied(lake, out),
        ),
    )
    seconds = {item.name: item.seconds for item in measured}
    facts = {name: f"{seconds[name]:.2f} s (target {target:.1f} s)" for name, target in TARGETS.items()}
    return [Table("start", "Whole processes; every contract has one file of 10 rows.", PYTHON, measured, None, facts)]


def _workspace(work: Path) -> Path:
    source = detector(work, 10)
    contracts = {
        f"d{number:03d}": readings(dataset=f"detector.d{number:03d}", source={"path": str(source)})
        for number in range(CONTRACTS)
    }
    return workspace(work / "workspace-start", contracts)


def _copied(lake: Path, out: Path) -> None:
    shutil.copytree(lake, out, dirs_exist_ok=True)
