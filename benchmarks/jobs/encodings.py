"""GBK compared with UTF-8."""

from __future__ import annotations

from benchmarks.inputs import detector
from benchmarks.measure.table import Table
from benchmarks.options import Options
from benchmarks.programs import core
from benchmarks.variants import readings, workspace

WHAT = "The core job over the same rows in GBK, declared as such."


def measure(options: Options) -> list[Table]:
    """The rate of GBK as a share of that of UTF-8."""
    contract = readings(source={"path": "-", "format": {"type": "csv", "encoding": "gbk"}})
    folder = workspace(options.work / "workspace-gbk", {"readings": contract})
    measured = options.measure(
        core(detector(options.work, options.rows), "UTF-8"),
        core(detector(options.work, options.rows, encoding="gbk"), "GBK", folder),
    )
    share = measured[1].ratio(measured[0])
    return [Table("encodings", WHAT, "UTF-8", measured, options.rows, {"GBK, share": f"{share:.2f} (target 0.70)"})]
