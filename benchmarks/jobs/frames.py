"""The cost of converting GCJ-02 to WGS-84."""

from __future__ import annotations

from pathlib import Path

from benchmarks.inputs import detector
from benchmarks.measure.table import Table
from benchmarks.options import Options
from benchmarks.programs import core
from benchmarks.variants import GCJ_FIELDS, readings, workspace

WHAT = "The core job over positions in GCJ-02: 3,000 devices whose pairs repeat, and a pair of its own in every row."
PLAIN, REPEATED, DISTINCT = "WGS-84", "GCJ-02, pairs repeat", "GCJ-02, every pair its own"


def measure(options: Options) -> list[Table]:
    """Compare a run with conversion to one without."""
    folder = _workspace(options.work)
    measured = options.measure(
        core(detector(options.work, options.rows), PLAIN),
        core(detector(options.work, options.rows, frame="GCJ-02"), REPEATED, folder),
        core(detector(options.work, options.rows, frame="GCJ-02", positions="row"), DISTINCT, folder),
    )
    return [Table("frames", WHAT, PLAIN, measured, options.rows)]


def _workspace(work: Path) -> Path:
    return workspace(work / "workspace-gcj", {"readings": readings(fields=GCJ_FIELDS, source={"path": "-"})})
