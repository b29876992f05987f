"""The law: whatever happened, a mart made again as of any time has the rows that were published then."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import pytest

from citylake.pipelines.history.rebuild.rebuild_mart import rebuild_mart
from citylake.schemas.words.errors import CitylakeError
from tests.held_trial import context_of
from tests.random_history import MARTS, History, live_history, table_rows

ROUNDS = int(os.environ.get("CITYLAKE_REBUILD_HISTORIES", "1"))
"""Random histories; more of them find more."""
RUNS, TIMES = 10, 3


@pytest.mark.parametrize("seed", range(1, 1 + ROUNDS))
def test_a_mart_made_again_as_of_any_time_has_the_rows_that_were_published_then(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("citylake.pipelines.history.rebuild.redo_plan.SWEEP", 2)
    history = live_history(tmp_path / "city", seed, RUNS)
    before = _lake_files(history)
    for number in sorted(history.random.sample(range(len(history.seen)), TIMES)):
        for mart in MARTS:
            _compare(history, mart, number, tmp_path / f"{mart}-{number}.duckdb")
    assert _lake_files(history) == before
    # With some of the old bytes removed, it is the same or refused, and never something else.
    history.expire()
    with suppress(TooOldError):
        _compare(history, "city", len(history.seen) - 1, tmp_path / "expired.duckdb")


class TooOldError(Exception):
    """What retention has removed is needed."""


def _compare(history: History, mart: str, number: int, file: Path) -> None:
    at, seen = history.seen[number]
    told = (history.declared.writes, at, history.acts)
    try:
        done = rebuild_mart(context_of(history.trial), mart, at, file)
    except CitylakeError as error:
        if error.code != "REBUILD_TOO_OLD" or not history.expired:
            raise
        raise TooOldError from error
    for table in MARTS[mart]:
        assert table_rows(file, table) == seen[f"{mart}.{table}"], told
    assert (done.equal, done.compared, done.problems) == (True, "rows", ()), told


def _lake_files(history: History) -> dict[str, int]:
    root = Path(history.trial.lake.url)
    return {str(path.relative_to(root)): path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()}
