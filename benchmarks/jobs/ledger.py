"""What a long ledger costs a run: as many files in each of its tables as runs leave behind without an upkeep."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from benchmarks.inputs import call, citylake, detector, made
from benchmarks.measure.program import Program, python
from benchmarks.measure.table import Table
from benchmarks.options import Options
from benchmarks.variants import readings, workspace

FILES = (0, 100, 1000, 7300)
"""Files per table; 7,300 are a year of twenty runs a day."""
CONTRACTS = 200
POLARS = "python -c 'import polars'"


def measure(options: Options) -> list[Table]:
    """For each length the first run, and later ones without news and with a small new file."""
    return [_table(options, files) for files in FILES]


def _table(options: Options, files: int) -> Table:
    known, fresh = detector(options.work, 10), detector(options.work, 10, seed=2)
    other = detector(options.work, 10, seed=3)
    folder = _workspace(options.work, known)
    lake = made(options.work / "base" / f"ledger-{files}", lambda: _make_lake(options, folder, known, files))
    settled = made(options.work / "base" / f"ledger-{files}-settled", lambda: _settle(folder, other, lake))
    programs = [
        Program(POLARS, (sys.executable, "-c", "import polars")),
        _run("first run, one new small file", folder, lake, fresh),
        _run("nothing new", folder, settled, known),
        _run("one new small file", folder, settled, fresh),
    ]
    measured = options.measure(*programs)
    base = measured[0].cpu_seconds
    facts = {
        item.name: f"{item.cpu_seconds:.2f} CPU s, {item.cpu_seconds / base:.1f} × polars" for item in measured[1:]
    }
    what = f"`citylake run` over {CONTRACTS} contracts and a ledger of {files:,} more files per table."
    return Table(f"ledger: {files:,} files", what, POLARS, measured, None, facts)


def _run(name: str, folder: Path, lake: Path, source: Path) -> Program:
    def prepare(out: Path) -> None:
        shutil.copytree(lake, out, dirs_exist_ok=True)

    return Program(name, citylake(folder, "{out}", "run", "--json"), (), {"BENCH_FILE": str(source)}, prepare)


def _workspace(work: Path, source: Path) -> Path:
    names = [f"d{number:03d}" for number in range(1, CONTRACTS)]
    rest = {name: readings(dataset=f"detector.{name}", source={"path": str(source)}) for name in names}
    return workspace(work / "workspace-ledger", {"readings": readings(), **rest})


def _make_lake(options: Options, folder: Path, source: Path, files: int) -> None:
    lake = options.work / "base" / f"ledger-{files}"
    short = options.work / "base" / "ledger-short"
    made(short, lambda: call(citylake(folder, str(short), "run", "--json"), BENCH_FILE=str(source)))
    shutil.copytree(short, lake)
    if files:
        call(python("benchmarks.ledger_history", lake, files))


def _settle(folder: Path, source: Path, lake: Path) -> None:
    """The lake as the first run with news leaves it."""
    settled = lake.with_name(f"{lake.name}-settled")
    shutil.copytree(lake, settled)
    call(citylake(folder, str(settled), "run", "--json"), BENCH_FILE=str(source))
