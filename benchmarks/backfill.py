"""A backfill by partition: ``python -m benchmarks.backfill FOLDER PLACE WORKERS HOW WORKSPACE``.

The workers take the days of one list, as those of an executor take its tasks: a process for each day, or processes that
stay. The lake is new, in the folder or the bucket PLACE. FOLDER/lake is its address, FOLDER/conflicts how often commits
were planned again, by table.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Literal

from benchmarks.generate.layout import FIRST_DAY
from benchmarks.inputs import citylake
from benchmarks.job import DATASET
from benchmarks.measure.program import python

DAYS = 8
How = Literal["each", "stay", "whole"]
"""A process for each day, processes that take day after day, or one process for the window."""
Conflicts = dict[str, int]


def day_of(number: int) -> str:
    """The day of a file."""
    return f"{FIRST_DAY + timedelta(days=number):%Y-%m-%d}"


def main(folder: str, place: str, workers: str, how: How, workspace: str) -> None:
    """Take every day once; a run that fails ends it."""
    lake = f"{place}/{uuid.uuid4().hex}"
    Path(folder, "lake").write_text(lake)
    # All workers together use as many cores as one alone.
    env = {**os.environ, "CITYLAKE_CORES": str(max(1, (os.cpu_count() or 1) // int(workers)))}
    waiting = iter([f"{day_of(0)} {day_of(DAYS - 1)}"] if how == "whole" else map(day_of, range(DAYS)))
    work = _staying if how == "stay" else _one_by_one
    total: Counter[str] = Counter()
    with ThreadPoolExecutor(int(workers)) as pool:
        for met in pool.map(lambda _: _sum(work(lake, Path(workspace), env, waiting)), range(int(workers))):
            total.update(met)
    Path(folder, "conflicts").write_text(json.dumps(total))


def _one_by_one(lake: str, workspace: Path, env: dict[str, str], waiting: Iterable[str]) -> Iterator[Conflicts]:
    for days in waiting:
        words = ("--dataset", DATASET, "--from", days.split()[0], "--to", days.split()[-1])
        command = citylake(workspace, lake, "run", *words, "--json")
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"The run of {days} ended with {done.returncode}:\n{(done.stdout + done.stderr)[-3000:]}")
        yield _conflicts(done.stdout)


def _staying(lake: str, workspace: Path, env: dict[str, str], waiting: Iterable[str]) -> Iterator[Conflicts]:
    command = python("benchmarks.backfill_worker", lake, workspace)
    with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdin
        assert worker.stdout
        for day in waiting:
            worker.stdin.write(f"{day}\n")
            worker.stdin.flush()
            yield _conflicts(worker.stdout.readline())
        worker.stdin.close()


def _conflicts(document: str) -> Conflicts:
    return dict(json.loads(document)["run"]["conflicts"])


def _sum(met: Iterable[Conflicts]) -> Conflicts:
    total: Counter[str] = Counter()
    for each in met:
        total.update(each)
    return dict(total)


if __name__ == "__main__":
    main(*sys.argv[1:6])  # type: ignore[arg-type]
