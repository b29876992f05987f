"""The law: whatever happened, a mart made again as of any time has the rows that were published then."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from citylake.pipelines.history.rebuild.rebuild_mart import rebuild_mart
from tests.held_trial import context_of
from tests.random_history import MARTS, History, live_history, table_rows

ROUNDS = int(os.environ.get("CITYLAKE_REBUILD_HISTORIES", "2"))
"""Random histories; more of them find more."""
RUNS, TIMES = 15, 4


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_a_mart_made_again_as_of_any_time_has_the_rows_that_were_published_then(seed: int, tmp_path: Path) -> None:
    history = live_history(tmp_path / "city", seed, RUNS)
    before = _lake_files(history)
    chosen = sorted(history.random.sample(range(len(history.seen)), TIMES))
    for number in chosen:
        at, seen = history.seen[number]
        for mart in MARTS:
            _compare(history, mart, at, seen, tmp_path / f"{mart}-{number}.duckdb")
    assert _lake_files(history) == before


def _compare(history: History, mart: str, at: datetime, seen: dict[str, list[object]], file: Path) -> None:
    told = (history.declared.writes, at, history.acts)
    done = rebuild_mart(context_of(history.trial), mart, at + timedelta(microseconds=1), file)
    for table in MARTS[mart]:
        assert table_rows(file, table) == seen[f"{mart}.{table}"], told
    assert (done.equal, done.compared, done.problems) == (True, "rows", ()), told


def _lake_files(history: History) -> dict[str, int]:
    root = Path(history.trial.lake.url)
    return {str(path.relative_to(root)): path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()}
