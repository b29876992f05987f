"""Runs rounds of every scenario and prints one JSON document: ``python -m tests.faults.kill_points --rounds 100``."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from tests.faults.kill_points.rounds import RoundFailedError, rounds_wanted, run_rounds
from tests.faults.kill_points.scenarios import SCENARIOS


def main() -> int:
    """Return 1 if a round failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=rounds_wanted(), help="rounds for each scenario")
    parser.add_argument("--seed", type=int, default=14)
    parser.add_argument("--scenario", action="append", choices=sorted(SCENARIOS))
    chosen = parser.parse_args()
    found: dict[str, dict[str, int]] = {}
    failed: list[str] = []
    for name in chosen.scenario or SCENARIOS:
        try:
            with tempfile.TemporaryDirectory(prefix="citylake-kill-points-") as folder:
                found[name] = run_rounds(name, chosen.rounds, chosen.seed, Path(folder))
        except RoundFailedError as error:
            failed.append(str(error))
    document = {"rounds": chosen.rounds, "seed": chosen.seed, "scenarios": found, "unequal": failed}
    print(json.dumps(document, ensure_ascii=False, indent=2))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
