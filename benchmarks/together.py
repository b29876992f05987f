"""Several processes that commit to one table at once: ``python -m benchmarks.together FOLDER LAKE PROCESSES``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.measure.program import python


def main(folder: str, lake: str, processes: str) -> None:
    """Distribute the files, one commit each; exit code 1 if any process fails."""
    files = sorted(Path(folder).iterdir())
    shares = [files[number :: int(processes)] for number in range(int(processes))]
    # All processes together use as many cores as one alone.
    env = {**os.environ, "CITYLAKE_CORES": str(max(1, (os.cpu_count() or 1) // int(processes)))}
    running = [
        subprocess.Popen(python("benchmarks.job", *share, "--lake", lake, "--batches", "each"), env=env)
        for share in shares
    ]
    codes = [process.wait() for process in running]
    sys.exit(max(codes, key=abs))


if __name__ == "__main__":
    main(*sys.argv[1:4])
