"""A power cut while rows are taken from a front-end database: rows that it has marked as taken are in the lake."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from citylake.pipelines.lake import delta_log
from citylake.pipelines.lake.lake_zones import Lake
from tests.exchanged import DATASET, FrontEnd, known
from tests.faults.power_cut.cut_lake import check_promises
from tests.faults.power_cut.cut_run import CutRun, recording_layer
from tests.faults.test_front_end_database import changes, expected
from tests.forked.commands import ForkedCommands
from tests.thorough import examples
from tests.trial import Trial

ROUNDS = int(os.environ.get("CITYLAKE_CRASH_ROUNDS", examples(3, 10)))


@pytest.fixture(scope="module")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkedCommands]:
    with recording_layer(tmp_path_factory.mktemp("layer")) as found:
        yield found


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_rows_that_are_marked_as_taken_survive_a_power_cut(
    front_end: FrontEnd, trial: Trial, layer: ForkedCommands, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(f"front end {seed}")
    first, more = changes(0, 1), changes(200, 3)
    front_end.hand_over(first)
    assert trial.run().exit_code == 0
    front_end.hand_over(more)
    cut = CutRun(layer, trial.root / "workspace", Path(trial.lake.url))
    # A run makes some 250 changes; the rows are marked after nearly all of them, and the power fails after some.
    cut.cut(cut.run_command(), chance.choice([chance.randint(1, 250), 10**9]), chance)
    monkeypatch.setattr(delta_log, "_checked", set[str]())  # the power cut ended every process
    check_promises(Lake(trial.lake.url))
    marked = front_end.flags().get("1", 0)
    assert marked in (len(first), len(first) + len(more))
    if marked > len(first):
        assert known(trial) == expected(first + more)
    assert trial.run().exit_code == 0
    assert known(trial) == expected(first + more)
    assert front_end.flags() == {"1": len(first) + len(more)}
    assert trial.standard(DATASET).height == len(expected(first + more))
