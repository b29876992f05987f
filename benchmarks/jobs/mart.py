"""A mart over the standard rows: region × hour, in full and for one day."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from benchmarks.inputs import call, citylake, detector, made
from benchmarks.job import WORKSPACE
from benchmarks.measure.program import Program, python
from benchmarks.measure.table import Table
from benchmarks.options import Options

DAYS, ONE_DAY = 60, "2024-06-20"
BARE, FULL, DAY = "bare DuckDB", "citylake run --mart, all days", "citylake run --mart, one day"
SQL = WORKSPACE / "marts" / "traffic" / "region_hour.sql"


def measure(options: Options) -> list[Table]:
    """Build and publication against the same SELECT over the same files."""
    base = options.work / "base" / f"mart-{options.base_rows}"
    source = detector(options.work, options.base_rows, days=DAYS)
    made(base, lambda: _run(base, source, "--dataset", "detector.readings", "--mart", "traffic"))
    command = citylake(WORKSPACE, "{out}", "run", "--mart", "traffic", "--json")
    bare = python("benchmarks.limits.mart", base / "standard" / "detector.readings", SQL, "{out}")
    check = python("benchmarks.mart_check", "{out}", base / "standard" / "detector.readings", SQL)
    measured = options.measure(
        Program(BARE, bare),
        Program(FULL, command, check, prepare=lambda out: _unbuilt(base, out)),
        Program(DAY, (*command, "--from", ONE_DAY, "--to", ONE_DAY), check, prepare=lambda out: _linked(base, out)),
    )
    bare_query, full, day = measured
    facts = {
        "full build / bare query": f"{1 / full.ratio(bare_query):.2f} (target 1.30)",
        "one day / full build": f"{1 / day.ratio(full):.3f} (target {1 / 20:.3f})",
    }
    what = f"{options.base_rows:,} readings of {DAYS} days to region × hour, published as a DuckDB file."
    return [Table("mart", what, BARE, measured, options.base_rows, facts)]


def _run(lake: Path, source: Path, *words: str) -> None:
    call(citylake(WORKSPACE, str(lake), "run", *words, "--json"), BENCH_FILE=str(source))


def _linked(base: Path, out: Path) -> None:
    for zone in ("standard", "curated", "marts", "ledger"):
        subprocess.run(["cp", "-al", str(base / zone), str(out)], check=True)


def _unbuilt(base: Path, out: Path) -> None:
    """The lake before its first mart: no curated table, no publication, and no ledger that tells of one."""
    _linked(base, out)
    for zone in ("curated", "marts", "ledger/publications"):
        shutil.rmtree(out / zone, ignore_errors=True)
