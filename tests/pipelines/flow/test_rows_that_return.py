"""Whatever readings a delivery goes through, each of its rows is open in the quarantine or in the standard table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citylake.pipelines.read.quarantine_states import scan_row_states
from tests.pipelines.flow.test_replay import DATASET, WRITES, contract, deliver, open_trial
from tests.thorough import examples
from tests.trial import Trial

SPEEDS = ("10", "x", "y", "20")
"""The text of each row, from line 2 on. What a reading refuses depends on the values that it takes for none."""


def declare(trial: Trial, write: str, missing: frozenset[str], *, refuses: bool = True) -> None:
    speed = {"sentinels": sorted(missing), "required": refuses}
    trial.declare("datasets/x", contract(WRITES[write], **speed))


def rows_of(table: pl.DataFrame) -> list[int]:
    return sorted(table["_row"])


Reading = tuple[str, frozenset[str], bool]
"""Whether the lake is replayed or the source is pulled, the texts that are no value, and whether one is required."""
readings = st.lists(
    st.tuples(st.sampled_from(["replay", "run"]), st.frozensets(st.sampled_from(["x", "y", "20"])), st.booleans()),
    min_size=1,
    max_size=3,
)


@pytest.mark.parametrize("write", ["append", "upsert"])
@settings(max_examples=examples(2, 4), suppress_health_check=list(HealthCheck), deadline=None)
@given(readings=readings)
def test_each_row_is_open_or_standard_and_remembers_when_it_was_refused(
    tmp_path_factory: pytest.TempPathFactory, write: str, readings: list[Reading]
) -> None:
    trial = open_trial(tmp_path_factory.mktemp("life"))
    declare(trial, write, frozenset())
    deliver(trial, "a.csv", *(f"2026-03-01 0{n}:00,D{n},{speed}" for n, speed in enumerate(SPEEDS)))
    trial.run()
    first = dict(trial.refused(DATASET).select("_row", "first_seen_at").iter_rows())
    seen = dict.fromkeys((3, 4), 1)
    for how, missing, required in readings:
        before = trial.refused(DATASET)
        declare(trial, write, missing, refuses=required)
        read = _read(trial, how)
        refused = {n for n, text in enumerate(SPEEDS, 2) if _is_refused(text, missing, required=required)}
        every = trial.refused(DATASET)
        if not read:
            assert every.sort("_row").equals(before.sort("_row"))
        now = every.filter(pl.col("state") == "open")
        assert rows_of(now) == sorted(refused)
        assert sorted(rows_of(trial.standard(DATASET)) + rows_of(now)) == [2, 3, 4, 5]
        for row in refused if read else ():
            seen[row] = seen.get(row, 0) + 1
        assert dict(every.select("_row", "times_seen").iter_rows()) == seen
        assert every.height == len(seen)
        for row, at in every.select("_row", "first_seen_at").iter_rows():
            assert first.setdefault(row, at) == at
    states = scan_row_states(trial.lake, DATASET).collect()
    assert states["row_id"].n_unique() == len(seen)
    assert set(states["state"]) <= {"open", "returned"}


def _is_refused(text: str, missing: frozenset[str], *, required: bool) -> bool:
    return required if text in missing else text in ("x", "y")


def _read(trial: Trial, how: str) -> bool:
    """Whether the bytes were read under other declarations; the contract of a reading before may have been the same."""
    if how == "replay":
        return trial.replay(DATASET).status == "committed"
    return bool(trial.dataset(trial.run(), DATASET)["status"] == "committed")


def test_replaying_twice_changes_nothing(tmp_path: Path) -> None:
    trial = open_trial(tmp_path)
    declare(trial, "upsert", frozenset())
    deliver(trial, "a.csv", *(f"2026-03-01 0{n}:00,D{n},{speed}" for n, speed in enumerate(SPEEDS)))
    trial.run()
    declare(trial, "upsert", frozenset({"x"}), refuses=False)
    assert trial.replay(DATASET).status == "committed"
    before: list[Any] = [trial.refused(DATASET).sort("_row"), trial.standard(DATASET).sort("_row")]
    assert trial.replay(DATASET).status == "unchanged"
    assert trial.refused(DATASET).sort("_row").equals(before[0])
    assert trial.standard(DATASET).sort("_row").equals(before[1])
    states = dict(before[0].select("_row", "state").iter_rows())
    assert states == {3: "returned", 4: "open"}
