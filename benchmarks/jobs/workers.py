"""Worker processes that commit to the same tables."""

from __future__ import annotations

from benchmarks.inputs import detector
from benchmarks.measure.program import Program, python
from benchmarks.measure.table import Table
from benchmarks.options import Options
from benchmarks.programs import verified

FILES, WORKERS = 16, 4


def measure(options: Options) -> list[Table]:
    """One process and four, over the same files; afterwards every row must be in the table."""
    rows = options.rows // FILES
    folder = detector(options.work, rows * FILES, format="many", block=rows)
    one, four = (
        Program(
            f"{count} process" + "es" * (count > 1),
            python("benchmarks.together", folder, "{out}", count),
            verified(folder),
        )
        for count in (1, WORKERS)
    )
    measured = options.measure(one, four)
    gain = measured[1].ratio(measured[0])
    what = f"{FILES} files of {rows:,} rows, a commit each, into one standard table, one quarantine and one ledger."
    facts = {f"throughput of {WORKERS} processes against one": f"{gain:.2f} (target 1.00)"}
    return [Table("workers", what, one.name, measured, rows * FILES, facts)]
