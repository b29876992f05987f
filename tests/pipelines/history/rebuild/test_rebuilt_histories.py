"""The law: whatever happened, a mart made again as of any time has the rows that were published then."""

from __future__ import annotations

import os
from datetime import datetime
from itertools import product
from pathlib import Path

import pytest

from citylake.pipelines.flow.linked_lake import LinkedLake
from citylake.pipelines.history.rebuild.kept_receipts import KeptReceipts
from citylake.pipelines.history.rebuild.past_plan import plan_rebuild
from citylake.pipelines.history.rebuild.past_publication import publication_at
from citylake.pipelines.history.rebuild.past_records import PastRecords
from citylake.pipelines.history.rebuild.past_registries import PastRegistries
from citylake.pipelines.history.rebuild.rebuild_mart import rebuild_mart
from tests.held_trial import context_of
from tests.random_history import MARTS, History, live_history, table_rows
from tests.thorough import THOROUGH

ROUNDS = int(os.environ.get("CITYLAKE_REBUILD_HISTORIES", "1"))
"""Random histories; more of them find more."""
RUNS, TIMES = (15, 3) if THOROUGH else (9, 2)


@pytest.mark.parametrize("seed", range(1, 1 + ROUNDS))
def test_a_mart_made_again_as_of_any_time_has_the_rows_that_were_published_then(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("citylake.pipelines.history.rebuild.redo_plan.SWEEP", 2)
    history = live_history(tmp_path / "city", seed, RUNS)
    before = _lake_files(history)
    times = sorted(history.random.sample(range(len(history.seen)), TIMES))
    # In a usual run, each mart as of a time of its own.
    asked = product(times, MARTS) if THOROUGH else zip(times, MARTS, strict=True)
    for number, mart in asked:
        _compare(history, mart, number, tmp_path / f"{mart}-{number}.duckdb")
    assert _lake_files(history) == before
    # Of what is said to be needless, nothing is needed.
    last = len(history.seen) - 1
    history.expire(_needless(history, "city", history.seen[last][0], tmp_path / "plan"))
    _compare(history, "city", last, tmp_path / "without.duckdb")


def _needless(history: History, mart: str, at: datetime, folder: Path) -> dict[str, set[str]]:
    """The receipts that can be removed together: of all, those of needed batches stay, the newest first."""
    context = context_of(history.trial)
    registries, records = PastRegistries(context, folder), PastRecords(context.ledger)
    target = publication_at(context.ledger, records.builds(mart), mart, at)
    plan = plan_rebuild(records, registries, target, LinkedLake(folder / "lake", context.lake))
    gone = {name: {each for batch in found for each in batch.receipts} for name, found in plan.batches.items()}
    while True:
        kept = KeptReceipts(context, registries)
        kept._gone = {name: frozenset(found) for name, found in gone.items()}
        needed = kept.skipped(plan)[1]
        if not needed:
            return gone
        newest = max(needed, key=lambda batch: batch.number)
        gone[newest.dataset] -= set(newest.receipts)


def _compare(history: History, mart: str, number: int, file: Path) -> None:
    at, seen = history.seen[number]
    told = (history.declared.writes, at, history.acts)
    done = rebuild_mart(context_of(history.trial), mart, at, file)
    for table in MARTS[mart]:
        assert table_rows(file, table) == seen[f"{mart}.{table}"], told
    assert (done.equal, done.compared, done.problems) == (True, "rows", ()), told


def _lake_files(history: History) -> dict[str, int]:
    root = Path(history.trial.lake.url)
    return {str(path.relative_to(root)): path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()}
