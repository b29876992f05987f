"""Whatever is committed and kept up, in whatever order: the rows are those of a lake that nobody kept up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from citylake.pipelines.commit import delta_transaction
from citylake.pipelines.lake.delta_table import open_delta_if_exists
from citylake.pipelines.upkeep import compaction, log_checkpoint
from tests.pipelines.upkeep.conftest import COLUMNS, put, reading, upkeep
from tests.thorough import examples

KEY = ["station", "observed_at"]
UPSERT = {"mode": "upsert", "key": KEY}
BY_DAY = {**UPSERT, "partition": "day(observed_at)"}
MODES = [
    BY_DAY,
    {"mode": "append", "partition": "day(observed_at)"},
    {"mode": "replace", "partition": "day(observed_at)"},
]

ROWS = st.dictionaries(
    # Instants within one millisecond: bounds that were cut to it would hide keys.
    st.tuples(st.integers(1, 2), st.just("a"), st.sampled_from([998, 1001])),
    st.integers(0, 3),
    min_size=1,
    max_size=3,
)
BATCH = st.tuples(ROWS, st.integers(0, 2), st.integers(0, 1))
STEP = st.one_of(BATCH, st.just("upkeep"), st.sampled_from(["crash early", "crash late", "again"]), BATCH)


def commit(city: Any, number: int, batch: Any, write: Any) -> None:
    rows, refused, dropped = batch
    told = [reading(day, station, float(value), micro) for (day, station, micro), value in rows.items()]
    receipt = f"r{number:03d}"
    put(city, {receipt: told}, write, quarantined={receipt: refused} if refused else None, dropped=dropped)


def state(city: Any) -> list[list[str]]:
    found: list[list[str]] = []
    for root in (
        city.lake.standard("test.readings"),
        city.lake.quarantine("test.readings"),
        city.lake.ledger("duplicates"),
    ):
        if open_delta_if_exists(city.lake, root) is None:
            found.append([])
            continue
        rows = pl.read_delta(root)
        kept = sorted(set(rows.columns) - {"quarantined_at"})
        found.append(sorted(map(str, rows.select(kept).rows())))
    return found


def kept_up(city: Any, how: str, patch: pytest.MonkeyPatch) -> None:
    """Everything at once, nothing too young; or until the machine stops, before or after a commit."""
    real = delta_transaction._write_commit

    def write(*arguments: Any, **options: Any) -> None:
        if how == "crash late":
            real(*arguments, **options)
        raise KeyboardInterrupt

    with patch.context() as inner:
        inner.setattr(log_checkpoint, "COMMITS_PER_CHECKPOINT", 3)
        inner.setattr(compaction, "BINS_AT_ONCE", 1)
        if how.startswith("crash"):
            inner.setattr(delta_transaction, "_write_commit", write)
        try:
            list(upkeep(city, age=timedelta(0)).everything())
        except KeyboardInterrupt:
            return
    if how == "upkeep":
        assert not [done for done in upkeep(city, age=timedelta(0)).everything() if done.work == "compact"]


@pytest.mark.parametrize("write", MODES, ids=lambda write: write["mode"])
@settings(max_examples=examples(4, 8), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(steps=[({(1, "a", 998): 0}, 0, 0), ({(1, "a", 1001): 1}, 1, 1), "upkeep", ({(1, "a", 1001): 2}, 0, 0)])
@example(steps=["upkeep", ({(1, "a", 998): 0}, 1, 0), "again"])
@given(steps=st.lists(STEP, min_size=3, max_size=8))
def test_upkeep_changes_no_row(new_city: Callable[[], Any], write: Any, steps: list[Any]) -> None:
    kept, left = new_city(), new_city()
    batches: list[tuple[int, Any]] = []
    with pytest.MonkeyPatch.context() as patch:
        for number, step in enumerate([*steps, "upkeep"]):
            if isinstance(step, str) and step != "again":
                kept_up(kept, step, patch)
            else:
                again = isinstance(step, str)
                if again and not batches:
                    continue
                batches += [] if again else [(number, step)]
                for city in (kept, left):
                    commit(city, *batches[0 if again else -1], write)
            assert state(kept) == state(left)
    if write is BY_DAY and batches:
        assert kept.standard().select(KEY).is_duplicated().sum() == 0
        assert set(COLUMNS) <= set(kept.standard().columns)
