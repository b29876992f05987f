"""What it costs that files are synced before anything refers to them (``CITYLAKE_SYNC=off``: they are not)."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.inputs import detector
from benchmarks.measure.program import Program, python
from benchmarks.measure.table import Table
from benchmarks.options import Options
from benchmarks.programs import whole

ROWS_A_FILE = 1000
SHARE = 0.05
"""The most that a run may take longer."""
_LAKE = ("--lake", "{out}/lake")


def measure(options: Options) -> list[Table]:
    """The same runs without and with syncs, in turns: a large file, many small ones, and the demonstration city."""
    files = max(options.rows // (10 * ROWS_A_FILE), 2)
    many = detector(options.work, files * ROWS_A_FILE, format="many", block=ROWS_A_FILE)
    runs = [
        whole(detector(options.work, options.rows), options.run_words, f"{options.rows:,} rows"),
        whole(many, options.run_words, f"{files:,} files"),
        Program("demonstration city", python("citylake.infra.city", "run", "--folder", options.work / "city", *_LAKE)),
    ]
    return [_compare(options, program) for program in runs]


def _compare(options: Options, synced: Program) -> Table:
    bare = replace(synced, name=f"{synced.name}, not synced", env={**synced.env, "CITYLAKE_SYNC": "off"})
    measured = options.measure(bare, synced)
    price = 1 / measured[1].ratio(measured[0]) - 1
    facts = {"price of the syncs": f"{price:.1%} of the run (target: at most {SHARE:.0%})"}
    what = "`citylake run` into an empty lake, on the file system of `--work`."
    return Table(f"sync: {synced.name}", what, bare.name, measured, None, facts)
