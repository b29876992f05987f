"""Many small files in one run."""

from __future__ import annotations

from pathlib import Path

from benchmarks.inputs import detector
from benchmarks.measure.table import Table
from benchmarks.options import Options
from benchmarks.programs import whole

ROWS_A_FILE = 1000


def measure(options: Options) -> list[Table]:
    """Files per second, without the start of the run."""
    files = max(options.rows // 500, 2)
    one = whole(_folder(options, 1), options.run_words, "1 file")
    many = whole(_folder(options, files), options.run_words, f"{files:,} files")
    measured = options.measure(one, many)
    rate = (files - 1) / (measured[1].seconds - measured[0].seconds)
    facts = {"files a second after start-up": f"{rate:.0f} (target 100)"}
    what = f"`citylake run` over files of {ROWS_A_FILE:,} rows; each has its own receipt."
    return [Table("many files", what, one.name, measured, None, facts)]


def _folder(options: Options, files: int) -> Path:
    return detector(options.work, files * ROWS_A_FILE, format="many", block=ROWS_A_FILE)
