"""Several runs at once end well and do the work of one; who reads meanwhile sees complete versions only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.at_once.reader_rounds import run_reader_rounds
from tests.faults.at_once.rounds import GROUPS, KILLED, RunsAtOnce
from tests.faults.kill_points.rounds import CI_ROUNDS, rounds_wanted
from tests.thorough import THOROUGH

ROUNDS = max(1, rounds_wanted() // CI_ROUNDS)
BETWEEN = "four"
"""It differs from ``two`` and ``eight`` in its number alone: a usual run does without it."""
WANTED = [group for group in (*GROUPS, KILLED) if THOROUGH or ROUNDS > 1 or group != BETWEEN]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunsAtOnce]:
    made = RunsAtOnce(tmp_path_factory.mktemp("at_once"))
    yield made
    made.close()


@pytest.mark.parametrize("group", WANTED)
def test_runs_at_once_do_the_work_of_one(runs: RunsAtOnce, group: str) -> None:
    assert runs.run_rounds(group, ROUNDS)["concurrent_runs"] > 0


def test_a_reader_sees_complete_versions_only(tmp_path: Path) -> None:
    found = run_reader_rounds(6 * ROUNDS, tmp_path)
    # The reader was quick enough to see several versions.
    assert min(found.values()) > 2
