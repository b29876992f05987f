"""Killed at any change, or with a disk that fails at any: the next run leaves what an undisturbed one leaves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.kill_points.rounds import KillPoints, choose_faults, rounds_wanted
from tests.faults.kill_points.scenarios import SCENARIOS

SEED = 14


@pytest.fixture(scope="module")
def kill_points(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KillPoints]:
    made = KillPoints(tmp_path_factory.mktemp("kill_points"))
    yield made
    made.close()


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_what_was_disturbed_is_completed_by_the_next_run(kill_points: KillPoints, scenario: str) -> None:
    rounds = rounds_wanted()
    # Scenarios begin with different kinds of faults: together they have all of them, however few the rounds are.
    found = kill_points.run_rounds(scenario, rounds, SEED + list(SCENARIOS).index(scenario))
    assert found["not_reached"] <= max(1, rounds // 4)


def test_the_changes_are_chosen_over_the_whole_run_and_again_by_the_same_seed() -> None:
    chosen = list(choose_faults(12, 120, SEED))
    assert chosen == list(choose_faults(12, 120, SEED))
    assert [(fault.number - 1) // 10 for fault in chosen] == list(range(12))
    assert sum(fault.kills for fault in chosen) == 6
