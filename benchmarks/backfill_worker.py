"""A worker that stays: takes a day from each line of its input, and answers with what the run met."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import citylake
from benchmarks.job import DATASET


def main(lake: str, workspace: str) -> None:
    """``python -m benchmarks.backfill_worker LAKE WORKSPACE``; ends with its input."""
    declared, place = citylake.Workspace.load(Path(workspace)), citylake.Lake(lake)
    for line in sys.stdin:
        done = citylake.run(declared, place, datasets=DATASET, days=line.strip())
        if done.exit_code:
            raise SystemExit(f"The run of {line.strip()} ended with {done.exit_code}: {done.document}")
        print(json.dumps(done.document), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:3])
