"""``python -m benchmarks.generate ROWS FILE``: a CSV file, and ``FILE.json`` that tells what is wrong with it."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import get_args

from benchmarks.generate.rows import Frame, Plan, Positions
from benchmarks.generate.write import write


def main() -> None:
    """Read the options and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generate", description=__doc__)
    parser.add_argument("rows", type=lambda text: int(text.replace("_", "")))
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--encoding", default="utf-8", help="gbk, gb18030, …")
    parser.add_argument("--frame", choices=get_args(Frame), default="WGS-84")
    parser.add_argument("--positions", choices=get_args(Positions), default="device")
    asked = parser.parse_args()
    start = time.perf_counter()
    plan = Plan(asked.rows, asked.seed, asked.days, asked.frame, asked.positions)
    truth = write(plan, asked.file, asked.encoding)
    seconds = time.perf_counter() - start
    print(f"{truth.rows:,} rows in {seconds:.1f} s ({truth.rows / seconds:,.0f} rows/s): {truth.standard:,} right")


if __name__ == "__main__":
    main()
