"""Upsert of changed rows into a large table."""

from __future__ import annotations

import subprocess
from pathlib import Path

from benchmarks.inputs import call, detector, made, truth_of
from benchmarks.measure.program import Program, python
from benchmarks.measure.table import Table
from benchmarks.options import Options

BLOCK, SHARE = 1000, 50
"""One row of fifty changes: 1 M of 50 M."""
MERGE, COMMIT, CORE = "deltalake merge, typed rows", "citylake commit, staged rows", "citylake core, from CSV"
DATASET = "detector.readings"


def measure(options: Options) -> list[Table]:
    """Changes of one day, and changes of every day."""
    rows = options.base_rows // (BLOCK * SHARE) * BLOCK * SHARE
    return [
        _table(options, rows, "of the last day", {"first": rows - rows // SHARE}),
        _table(options, rows, "of every day", {"every": SHARE}),
    ]


def _table(options: Options, rows: int, which: str, part: dict[str, int]) -> Table:
    base = _lake(options.work, detector(options.work, rows, block=BLOCK))
    changed = detector(options.work, rows, block=BLOCK, revision=1, **part)
    before = detector(options.work, rows, block=BLOCK, **part)
    typed = _lake(options.work, changed)
    truths = [truth_of(file) for file in (detector(options.work, rows, block=BLOCK), before, changed)]
    check = python("benchmarks.upserted", "{out}/standard/" + DATASET, *truths)

    def copied(out: Path) -> None:
        # Hard links are safe: no table format changes a file that it has written.
        subprocess.run(["cp", "-al", f"{base}/.", str(out)], check=True)

    def staged(out: Path) -> None:
        copied(out)
        call(python("benchmarks.job", changed, "--lake", out, "--staged", out / "staged"))

    merge = python("benchmarks.limits.delta_merge", "{out}/standard/" + DATASET, typed / "standard" / DATASET)
    measured = options.measure(
        Program(MERGE, merge, check, prepare=copied),
        Program(
            COMMIT, python("benchmarks.job", "--lake", "{out}", "--committed", "{out}/staged"), check, prepare=staged
        ),
        Program(CORE, python("benchmarks.job", changed, "--lake", "{out}"), check, prepare=copied),
    )
    what = f"{rows // SHARE:,} changed rows into {rows:,}. The merge is given rows that citylake has already conformed."
    return Table(f"upsert, rows {which}", what, MERGE, measured, rows // SHARE)


def _lake(work: Path, source: Path) -> Path:
    folder = work / "base" / source.stem
    return made(folder, lambda: call(python("benchmarks.job", source, "--lake", folder)))
