"""Parse, conform and commit of files by their contract, and nothing around it: a program to be timed as a whole."""

from __future__ import annotations

import argparse
from pathlib import Path

WORKSPACE = Path(__file__).parent / "workspace"
DATASET = "detector.readings"


def main() -> None:
    """``python -m benchmarks.job FILE … --lake FOLDER``."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.job", description=__doc__)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--lake", type=Path, required=True)
    parser.add_argument("--workspace", type=Path, default=WORKSPACE)
    parser.add_argument("--dataset", default=DATASET)
    parser.add_argument("--one-by-one", action="store_true", help="a batch and a commit for each file")
    asked = parser.parse_args()
    from benchmarks.adapter import take

    for batch in [[file] for file in asked.files] if asked.one_by_one else [asked.files]:
        take(batch, asked.lake, asked.workspace, asked.dataset)


if __name__ == "__main__":
    main()
