"""A mart over the standard rows: region × hour, in full and for one day."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from benchmarks.inputs import call, citylake, detector, made
from benchmarks.measure.program import Program, python
from benchmarks.measure.table import Table
from benchmarks.options import Options
from benchmarks.variants import MARTS, with_mart

DAYS, ONE_DAY = 60, "2024-06-20"
BARE, FULL, DAY = "bare DuckDB", "citylake run --mart, all days", "citylake run --mart, one day"
IDLE = "citylake run --mart, nothing to build"
SQL = MARTS / "traffic" / "region_hour.sql"


def measure(options: Options) -> list[Table]:
    """Build and publication against the same SELECT over the same files."""
    base = base_lake(options, options.base_rows)
    workspace = with_mart(options.work)
    command = citylake(workspace, "{out}", "run", "--mart", "traffic", "--json")
    bare = python("benchmarks.limits.mart", base / "standard" / "detector.readings", SQL, "{out}")
    check = python("benchmarks.mart_check", "{out}", base / "standard" / "detector.readings", SQL)
    measured = options.measure(
        Program(BARE, bare),
        Program(FULL, command, check, prepare=lambda out: unbuilt(base, out)),
        Program(IDLE, command, prepare=lambda out: _linked(base, out)),
        Program(DAY, (*command, "--from", ONE_DAY, "--to", ONE_DAY), check, prepare=lambda out: _linked(base, out)),
    )
    bare_query, full, idle, day = (item.seconds for item in measured)
    facts = {
        "full build / bare query, whole processes": f"{full / bare_query:.2f}",
        "full build less a run with nothing to build / bare query": f"{(full - idle) / bare_query:.2f} (target 1.30)",
        "one day / full build, each less that": f"{(day - idle) / (full - idle):.3f} (target 0.05)",
    }
    what = f"{options.base_rows:,} readings of {DAYS} days to region × hour, published as a DuckDB file."
    return [Table("mart", what, BARE, measured, options.base_rows, facts)]


def base_lake(options: Options, rows: int) -> Path:
    """A lake with so many readings and the mart over them."""
    base = options.work / "base" / f"mart-{rows}"
    source, workspace = detector(options.work, rows, days=DAYS), with_mart(options.work)
    run = citylake(workspace, str(base), "run", "--json")
    made(base, lambda: call(run, BENCH_FILE=str(source)))
    return base


def _linked(base: Path, out: Path) -> None:
    for zone in ("standard", "curated", "marts", "ledger"):
        subprocess.run(["cp", "-al", str(base / zone), str(out)], check=True)


def unbuilt(base: Path, out: Path) -> None:
    """The lake before its first mart: no curated table, no publication, and no ledger entry of one."""
    _linked(base, out)
    for zone in ("curated", "marts", "ledger/publications"):
        shutil.rmtree(out / zone, ignore_errors=True)
