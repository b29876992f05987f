"""``python -m tests.reliability``: does harm of every kind as often as is wanted, and writes docs/reliability.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.reliability.figures import add_figures, read_figures, write_table
from tests.reliability.parts import PARTS


def main() -> int:
    """Try each part and add its counts to those of earlier runs; exit code 1 if anything was wrong."""
    options = argparse.ArgumentParser(prog="python -m tests.reliability", description=__doc__)
    options.add_argument("--rounds", type=int, default=20, help="how often each part is tried (default: 20)")
    options.add_argument("--part", action="append", choices=list(PARTS), default=[], help="only these parts")
    options.add_argument("--seed", type=int, default=int(time.time()), help="the same seed tries the same")
    options.add_argument("--write", action="store_true", help="write the sums to docs/reliability.md")
    chosen = options.parse_args()
    wrong = 0
    for name in chosen.part or PARTS:
        start = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="citylake-reliability-") as folder:
            figures = list(PARTS[name](chosen.rounds, chosen.seed, Path(folder)))
        add_figures(figures)
        for each in figures:
            wrong += each.wrong
            print(f"{each.tried:8,} × {each.what}: {each.wrong} wrong, {time.monotonic() - start:.0f} s", flush=True)
            for line in each.found:
                print(f"    {line}")
    if chosen.write:
        write_table(read_figures(), {name: f"make reliability RELIABILITY='--part {name}'" for name in PARTS})
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
