"""The core job: the contract's twelve rules and its key, against engines that only read and write."""

from __future__ import annotations

from benchmarks.inputs import detector
from benchmarks.measure.table import Table
from benchmarks.options import Options
from benchmarks.programs import CORE, LIMIT, RUN, core, duckdb_copy, limit, whole

WHAT = (
    "14 columns, Chinese headers. LIMIT reads the CSV typed and writes one zstd Parquet file, without any rule. "
    "`citylake core` parses, converts to UTC, km/h and codes, checks twelve rules and a unique key, and commits good "
    "rows by day and bad rows with all their reasons to Delta. `citylake run` also stores the bytes as received, their "
    "digest, how they were read, the audit and the ledger."
)
TARGETS = {CORE: 0.70, RUN: 0.60}
"""Shares of LIMIT, by CPU seconds and by the clock."""


def measure(options: Options) -> list[Table]:
    """Shares of LIMIT, at every requested size."""
    return [_table(options, rows) for rows in options.core_rows]


def _table(options: Options, rows: int) -> Table:
    source = detector(options.work, rows)
    measured = options.measure(limit(source), duckdb_copy(source), core(source), whole(source, options.run_words))
    shares = {item.name: (item.cpu_ratio(measured[0]), item.ratio(measured[0])) for item in measured}
    facts = {
        f"{name}, share of LIMIT": f"{shares[name][0]:.2f} by CPU seconds, {shares[name][1]:.2f} by the clock "
        f"(target {target:.2f})"
        for name, target in TARGETS.items()
    }
    return Table(f"core, {rows:,} rows", WHAT, LIMIT, measured, rows, facts)
