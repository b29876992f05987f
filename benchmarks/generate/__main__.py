"""``python -m benchmarks.generate ROWS FILE``: writes readings to FILE, and their planted faults to ``FILE.json``."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import get_args

from benchmarks.generate.frame import Truth
from benchmarks.generate.rows import Frame, Plan, Positions
from benchmarks.generate.write import write


def main() -> None:
    """Read the options and write."""
    asked = _parser().parse_args()
    start = time.perf_counter()
    asked.file.parent.mkdir(parents=True, exist_ok=True)
    truth = _write(asked)
    seconds = time.perf_counter() - start
    print(f"{truth.rows:,} rows in {seconds:.1f} s ({truth.rows / seconds:,.0f} rows/s): {truth.standard:,} right")


def _write(asked: argparse.Namespace) -> Truth:
    plan = Plan(asked.rows, asked.seed, asked.days, asked.frame, asked.positions, asked.block, asked.revision)
    if asked.format == "csv":
        return write(plan, asked.file, asked.encoding, parts=_parts(asked))
    from benchmarks.generate import other

    if asked.format == "gtfs":
        return other.feed(asked.rows, asked.file)
    return {"xlsx": other.workbook, "json": other.pages, "many": other.many}[asked.format](plan, asked.file)


def _parts(asked: argparse.Namespace) -> list[range]:
    """The requested blocks; all rows by default."""
    if not asked.first and asked.every == 1:
        return []
    step = asked.block if asked.every > 1 else asked.rows - asked.first
    starts = range(asked.first, asked.rows, step * asked.every)
    return [range(start, min(start + step, asked.rows)) for start in starts]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generate", description=__doc__)
    parser.add_argument("rows", type=lambda text: int(text.replace("_", "")))
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--encoding", default="utf-8", help="gbk, gb18030, …")
    parser.add_argument("--frame", choices=get_args(Frame), default="WGS-84")
    parser.add_argument("--positions", choices=get_args(Positions), default="device")
    parser.add_argument("--block", type=int, default=0, help="rows repeat rows of their own block only")
    parser.add_argument("--revision", type=int, default=0, help="the same keys and faults, other values")
    parser.add_argument("--first", type=int, default=0, help="only the rows from this one on")
    parser.add_argument("--every", type=int, default=1, help="only every so many blocks")
    parser.add_argument("--format", choices=("csv", "xlsx", "json", "gtfs", "many"), default="csv")
    return parser


if __name__ == "__main__":
    main()
