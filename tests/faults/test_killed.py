"""A run that is killed leaves nothing that the next one does not complete or undo; two at once do the work of one."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest

from benchmarks.generate.rows import Plan
from benchmarks.generate.write import truth_path, write
from benchmarks.job import WORKSPACE
from benchmarks.verify import differences, quarantine, standard
from tests.forked.commands import Forked, ForkedCommands
from tests.thorough import spread

DATASET = "detector.readings"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("source") / "readings.csv"
    write(Plan(60_000), path)
    return path


def started(forked: ForkedCommands, lake: Path, source: Path) -> Forked:
    words = ["--workspace", str(WORKSPACE), "--lake", str(lake), "run", "--json"]
    return forked.start(words, {**os.environ, "BENCH_FILE": str(source)})


def wrong(lake: Path, source: Path) -> list[str]:
    """What is not in the lake as it should be, or is there twice."""
    seen = standard(lake / "standard" / DATASET) | quarantine(lake / "quarantine" / DATASET)
    return differences(json.loads(truth_path(source).read_text()), seen)


def files(lake: Path) -> int:
    """The number of Parquet files. Unlike ``rglob``, ``os.walk`` passes over a folder that is deleted meanwhile."""
    return sum(name.endswith(".parquet") for _, _, names in os.walk(lake) for name in names)


@pytest.mark.parametrize("reached", spread([1, 2, 5, 9, 14, 18], 4))
def test_what_was_killed_is_completed_by_the_next_run(
    forked: ForkedCommands, tmp_path: Path, source: Path, reached: int
) -> None:
    lake = tmp_path / "lake"
    killed = started(forked, lake, source)
    deadline = time.monotonic() + 60
    while files(lake) < reached and killed.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert started(forked, lake, source).wait() == 0
    assert wrong(lake, source) == []


@pytest.mark.parametrize("apart", [0.0, 0.3])
def test_two_runs_of_one_dataset_at_once_do_the_work_of_one(
    forked: ForkedCommands, tmp_path: Path, source: Path, apart: float
) -> None:
    lake = tmp_path / "lake"
    first = started(forked, lake, source)
    time.sleep(apart)
    second = started(forked, lake, source)
    assert (first.wait(), second.wait()) == (0, 0)
    assert wrong(lake, source) == []
