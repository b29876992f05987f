"""Runs rounds of every scenario and prints one JSON document: ``python -m tests.faults.kill_points --rounds 100``.

The scenarios are those of kill points, ``at_once`` (groups of runs at once) and ``readers`` (publications while a
reader opens each version).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from tests.faults.at_once import rounds as at_once
from tests.faults.at_once.reader_rounds import run_reader_rounds
from tests.faults.kill_points.rounds import rounds_wanted, run_rounds
from tests.faults.kill_points.scenarios import SCENARIOS


def run_scenario(name: str, rounds: int, seed: int, folder: Path) -> dict[str, int]:
    """Run ``rounds`` rounds of one scenario below ``folder``, and return the counts. Raises AssertionError."""
    if name == "at_once":
        return at_once.run_rounds(rounds, folder)
    return run_reader_rounds(rounds, folder) if name == "readers" else run_rounds(name, rounds, seed, folder)


def main() -> int:
    """Return 1 if a round failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=rounds_wanted(), help="rounds for each scenario")
    parser.add_argument("--seed", type=int, default=14)
    parser.add_argument("--scenario", action="append", choices=[*SCENARIOS, "at_once", "readers"])
    chosen = parser.parse_args()
    found: dict[str, dict[str, int]] = {}
    failed: list[str] = []
    for name in chosen.scenario or [*SCENARIOS, "at_once", "readers"]:
        try:
            with tempfile.TemporaryDirectory(prefix="citylake-kill-points-") as folder:
                found[name] = run_scenario(name, chosen.rounds, chosen.seed, Path(folder))
        except AssertionError as error:
            failed.append(str(error))
    document = {"rounds": chosen.rounds, "seed": chosen.seed, "scenarios": found, "unequal": failed}
    print(json.dumps(document, ensure_ascii=False, indent=2))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
