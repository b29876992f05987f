"""``python -m benchmarks.run``: every job, as a table and as JSON with versions and machine."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from benchmarks.measure.machine import machine
from benchmarks.measure.program import ROOT
from benchmarks.measure.table import Table
from benchmarks.options import Options

JOBS = (
    "core", "growth", "frames", "encodings", "formats", "many_files", "start", "upsert", "mart", "layout", "workers",
    "backfill", "sync", "ledger", "report", "spark", "spill", "year", "year_marts", "tables",
)  # fmt: skip


def main(words: Sequence[str] | None = None) -> None:
    """Measure the chosen jobs, print and store the results."""
    asked = _parser().parse_args(words)
    unknown = sorted(set(asked.only) - set(JOBS))
    if unknown:
        raise SystemExit(f"There is no job {', '.join(unknown)}. The jobs: {', '.join(JOBS)}.")
    work = asked.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    sizes, year = (asked.base_rows, tuple(asked.sizes)), (asked.datasets, asked.days)
    options = Options(work, asked.rows[0], tuple(asked.rows), asked.runs, *sizes, asked.memory, _tell, *year)
    where = machine()
    tables = []
    for name in asked.only or JOBS:
        _tell(f"— {name}")
        found = import_module(f"benchmarks.jobs.{name}").measure(options)
        tables += found
        for table in found:
            print(table.markdown(), end="\n\n", flush=True)
        _keep(asked.json or work / "results.json", where, tables)


def _keep(path: Path, where: dict[str, object], tables: list[Table]) -> None:
    document = {"machine": where, "jobs": [table.values() for table in tables]}
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n")


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument(
        "--rows", type=_count, nargs="+", default=[1_000_000, 10_000_000], help="of the core job; others take the first"
    )
    parser.add_argument("--runs", type=int, default=3, help="runs of each program, in turns (default 3)")
    parser.add_argument("--base-rows", type=_count, default=2_000_000, help="rows in the lake before upserts and marts")
    parser.add_argument("--sizes", type=_count, nargs="+", default=[1_000_000, 10_000_000], help="rows for growth")
    parser.add_argument("--datasets", type=_count, default=200, help="datasets of the year (default 200)")
    parser.add_argument("--days", type=_count, default=365, help="days of the year (default 365)")
    parser.add_argument("--only", nargs="+", default=[], metavar="JOB", help=f"of {', '.join(JOBS)}")
    parser.add_argument("--memory", help="memory limit of citylake run, such as 1GB")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "bench", help="folder for inputs and lakes")
    parser.add_argument("--json", type=Path, help="where the results go (default results.json in the work folder)")
    return parser


def _count(text: str) -> int:
    return int(text.replace("_", "").replace(",", ""))


if __name__ == "__main__":
    main()
