"""``python -m benchmarks.check``: fails if the core job is twice as slow as recorded in ``bounds.json``.

The bounds are shares of LIMIT, so they hold on a slow machine too; they are wide, so a busy machine seldom fails.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks.inputs import detector
from benchmarks.measure.program import in_turns
from benchmarks.programs import core, limit, whole

BOUNDS = Path(__file__).with_name("bounds.json")
LEAST = 0.5
"""Factor of the recorded share."""


def shares(rows: int, runs: int, work: Path) -> dict[str, float]:
    """Program → its share of LIMIT's throughput."""
    source = detector(work, rows)
    programs = [limit(source), core(source), whole(source)]
    measured = in_turns(programs, runs, work / "run", lambda line: print(line, flush=True))
    return {item.name: item.ratio(measured[0]) for item in measured[1:]}


def slides(found: Mapping[str, float], written: Mapping[str, float]) -> list[str]:
    """Describe each program that is too slow."""
    return [
        f"{name}: {found[name]:.2f} of LIMIT, {share:.2f} is written: less than {LEAST:.0%} of it"
        for name, share in written.items()
        if found[name] < LEAST * share
    ]


def main() -> None:
    """Measure, compare and report; ``--write`` records the measured shares as the new bounds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.check", description=__doc__)
    parser.add_argument("--rows", type=int, default=json.loads(BOUNDS.read_text())["rows"])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="citylake-bench-") as work:
        found = shares(asked.rows, asked.runs, Path(work))
    if asked.write:
        document = {"rows": asked.rows, "shares": {name: round(share, 2) for name, share in found.items()}}
        BOUNDS.write_text(json.dumps(document, indent=2) + "\n")
        return
    said = slides(found, json.loads(BOUNDS.read_text())["shares"])
    print("\n".join(said) or ", ".join(f"{name}: {share:.2f} of LIMIT" for name, share in found.items()))
    sys.exit(bool(said))


if __name__ == "__main__":
    main()
