"""Parse, conform and commit files by their contract, and nothing else: a program that is timed as a whole."""

from __future__ import annotations

import argparse
import pickle
from collections.abc import Sequence
from pathlib import Path

WORKSPACE = Path(__file__).parent / "workspace"
DATASET = "detector.readings"


def main() -> None:
    """``python -m benchmarks.job FILE … --lake FOLDER``."""
    asked = _parser().parse_args()
    from benchmarks.adapter import Job
    from citylake.pipelines.cli import collect_rarely

    collect_rarely()
    job = Job.of(asked.workspace, asked.dataset, asked.lake)
    if asked.committed:
        job.commit(pickle.loads(asked.committed.read_bytes()))
        return
    for batch in batches(_files(asked.files), asked.batches):
        staged = job.stage(batch)
        if asked.staged:
            asked.staged.write_bytes(pickle.dumps(staged))
        else:
            job.commit(staged)


def batches(files: Sequence[Path], how: str) -> list[list[Sequence[Path]]]:
    """Batches of receipts of files."""
    if how == "pages":
        return [[files]]
    return [[[file]] for file in files] if how == "each" else [[[file] for file in files]]


def _files(named: Sequence[Path]) -> list[Path]:
    return [file for path in named for file in (sorted(path.iterdir()) if path.is_dir() else [path])]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.job", description=__doc__)
    parser.add_argument("files", type=Path, nargs="*", help="files, or folders of them")
    parser.add_argument("--lake", type=Path, required=True)
    parser.add_argument("--workspace", type=Path, default=WORKSPACE)
    parser.add_argument("--dataset", default=DATASET)
    parser.add_argument(
        "--batches",
        choices=("one", "each", "pages"),
        default="one",
        help="all files as one batch, each as one of its own, or all as the pages of one receipt",
    )
    parser.add_argument("--staged", type=Path, help="stop before the commit and keep in this file what it needs")
    parser.add_argument("--committed", type=Path, help="only commit what is kept in this file")
    return parser


if __name__ == "__main__":
    main()
