"""Workers of one dataset in any interleaving, some of them killed: no row is lost, doubled or undone."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
import stamina
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.faults.kill_points.rounds import CI_ROUNDS, rounds_wanted
from tests.faults.workers.backfill_city import WRITES
from tests.faults.workers.workers_story import tell_story
from tests.object_store import BUCKET

STORIES = max(1, rounds_wanted() // CI_ROUNDS)
SEEDS = {"latest": 2, "append": 14, "register": 0}
"""Stories that once ended with rows lost, or doubled; the others are new ones in each run."""


@pytest.mark.parametrize("mode", WRITES)
def test_the_table_is_what_the_deliveries_say_whichever_worker_commits_first(mode: str) -> None:
    @settings(max_examples=STORIES, deadline=None)
    @given(seed=st.integers(0, 2**32))
    def told(seed: int) -> None:
        with tempfile.TemporaryDirectory() as folder, stamina.set_testing(True, attempts=24):
            assert not tell_story(mode, seed, Path(folder))

    (example(SEEDS[mode])(told) if mode in SEEDS else told)()


def test_the_same_on_an_object_store(store: str, tmp_path: Path) -> None:
    with stamina.set_testing(True, attempts=24):
        assert not tell_story("append", 14, tmp_path, f"{BUCKET}/workers")
