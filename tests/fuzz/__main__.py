"""``python -m tests.fuzz``: damaged inputs for every reader, for as long as is wanted; exit code 1 if one broke."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from tests.fuzz.campaign import try_for
from tests.fuzz.seeds import seeds


def main() -> int:
    """Run the rounds and print the counts."""
    options = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    options.add_argument("--minutes", type=float, default=60)
    options.add_argument("--reader", action="append", choices=list(seeds()), default=[], help="only these readers")
    options.add_argument("--examples", type=int, default=200, help="inputs a reader and round")
    options.add_argument(
        "--seed", type=int, default=int(time.time()), help="of the first round; the same gives the same"
    )
    options.add_argument("--out", type=Path, default=Path("build/fuzz"), help="folder for fuzz.json and failing inputs")
    chosen = options.parse_args()
    report = try_for(chosen.minutes, chosen.out, chosen.reader, chosen.examples, chosen.seed)
    for reader, count in report.tried.items():
        broken = [fault for fault in report.faults if fault.name == reader]
        print(f"{reader:14}{count:10,} inputs{len(broken):4} faults")
        for fault in broken:
            print(f"    {fault.why[:300]}")
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
