"""The cost of small files and unsorted rows for a mart: the same rows as committed, compacted, and sorted."""

from __future__ import annotations

import subprocess
from pathlib import Path

from benchmarks.inputs import call, citylake, detector, made
from benchmarks.jobs.mart import DAYS, SQL
from benchmarks.measure.program import Program, python
from benchmarks.measure.table import Table
from benchmarks.options import Options
from benchmarks.variants import with_mart

FILES = 40
TABLE = "standard/detector.readings"
AS_IS = f"as committed, {FILES} batches"


def measure(options: Options) -> list[Table]:
    """The full build of the mart over each layout."""
    rows = options.base_rows // FILES
    source = detector(options.work, rows * FILES, format="many", block=rows, days=DAYS)
    base = options.work / "base" / f"layout-{rows * FILES}"
    made(base, lambda: call(python("benchmarks.job", source, "--lake", base, "--batches", "each")))
    layouts = {AS_IS: base, "compacted": _ordered(base, "compact"), "sorted by key in each day": _ordered(base, "sort")}
    command = citylake(with_mart(options.work), "{out}", "run", "--mart", "traffic", "--json")
    measured = options.measure(*(_program(name, lake, command) for name, lake in layouts.items()))
    facts = {name: f"{_files(lake):,} files, {_bytes(lake) / 1e6:,.0f} MB" for name, lake in layouts.items()}
    what = f"{rows * FILES:,} readings of {DAYS} days to region × hour, built in full and published."
    return [Table("layout", what, AS_IS, measured, rows * FILES, facts)]


def _program(name: str, lake: Path, command: tuple[str, ...]) -> Program:
    check = python("benchmarks.mart_check", "{out}", lake / TABLE, SQL)
    return Program(name, command, check, prepare=lambda out: _linked(lake, out))


def _ordered(base: Path, how: str) -> Path:
    """The same lake with its standard table rewritten."""
    lake = base.with_name(f"{base.name}-{how}")
    return made(lake, lambda: call(python("benchmarks.rewrite", base / TABLE, lake / TABLE, how)))


def _linked(lake: Path, out: Path) -> None:
    subprocess.run(["cp", "-al", f"{lake}/.", str(out)], check=True)


def _parquet(lake: Path) -> list[Path]:
    return sorted((lake / TABLE).rglob("*.parquet"))


def _files(lake: Path) -> int:
    return len(_parquet(lake))


def _bytes(lake: Path) -> int:
    return sum(path.stat().st_size for path in _parquet(lake))
