"""What a trial announces is what a replay then does; and the same declarations announce nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citylake.pipelines.context import RunContext, new_run, run_variables
from citylake.pipelines.trial.changed_registry import ChangedDeclarations
from citylake.pipelines.trial.run_trial import TrialOptions, run_trial
from citylake.pipelines.trial.trial_result import DatasetTrial, TrialOutcome
from citylake.schemas.lint.valid_registry import load_valid_registry
from tests.declared import DEMO, declare_packs
from tests.trial import Trial

DATASET = "h.x"
SPEEDS: dict[str, dict[str, Any]] = {
    "same": {},
    "unit": {"unit": "m/s"},
    "sentinel": {"sentinels": ["x"]},
    "factor": {"factor": 0.5},
    "required": {"required": True},
    "value": {"refuse": "value"},
}
values = st.sampled_from(["10", "55.5", "80", "x", "", "-3"])
deliveries = st.lists(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 3), values), max_size=6), min_size=1, max_size=3
)


def contract(speed: Mapping[str, Any], mode: str) -> dict[str, Any]:
    hour = {"element": "time.hour_start", "format": "%Y-%m-%d %H:%M", "zone": "Asia/Shanghai", "label": "start"}
    key = {"key": ["device_code", "hour_start"]} if mode == "upsert" else {}
    return {
        "dataset": DATASET,
        "title": {"zh": "题", "en": "title"},
        "owner": {"department": "市交通运输局"},
        "source": {"connector": "files", "path": "${IN}/*.csv", "format": "csv"},
        "fields": {
            "t": {**hour, "required": True},
            "dev": {"element": "traffic.device_code", "required": True},
            "v": {"element": "traffic.mean_speed", "unit": "km/h", **speed},
        },
        "write": {"mode": mode, "partition": "day(hour_start)", **key},
        "drift": {"retyped": "quarantine"},
        "expect": {"rows": {"min": 0}, "quarantine_share": 1.0},
    }


def standard(trial: Trial) -> dict[tuple[str, int], float | None]:
    """Receipt and row → speed, of every row in the table."""
    if not Path(trial.lake.standard(DATASET)).exists():
        return {}
    frame = trial.standard(DATASET)
    return {(row["_receipt"], row["_row"]): row["mean_speed_kmh"] for row in frame.iter_rows(named=True)}


def refused(trial: Trial) -> Counter[tuple[str, int]]:
    """Receipt and row of every row that the newest reading of its receipt refuses."""
    if not Path(trial.lake.quarantine(DATASET)).exists():
        return Counter()
    frame = trial.quarantine(DATASET)
    open_rows = frame.filter(pl.col("refused").is_null() & (pl.col("state") == "open"))
    return Counter((row["_receipt"], row["_row"]) for row in open_rows.iter_rows(named=True))


def try_change(trial: Trial, changed: str) -> TrialOutcome:
    today, this = load_valid_registry(trial.root / "workspace"), new_run()
    context = RunContext(today, trial.lake, trial.ledger, this, run_variables(today, this, trial.given))
    return run_trial(context, changed, ChangedDeclarations(load_valid_registry(trial.root / changed)), TrialOptions())


@pytest.mark.parametrize("mode", ["append", "upsert"])
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deliveries=deliveries, before=st.sampled_from(list(SPEEDS)), after=st.sampled_from(list(SPEEDS)))
def test_replaying_the_change_gives_exactly_what_the_trial_announced(
    tmp_path_factory: pytest.TempPathFactory, mode: str, deliveries: Any, before: str, after: str
) -> None:
    trial = made_lake(tmp_path_factory, mode, deliveries, SPEEDS[before])
    declare_packs(trial.root / "changed", extends=DEMO)
    other = Trial(trial.root / "unused")
    other.root.mkdir()
    (trial.root / "changed/datasets").mkdir(exist_ok=True)
    text = (trial.root / "workspace/datasets/c.yaml").read_text("utf-8")
    trial.declare("datasets/c", contract(SPEEDS[after], mode))
    (trial.root / "workspace/datasets/c.yaml").rename(trial.root / "changed/datasets/c.yaml")
    (trial.root / "workspace/datasets/c.yaml").write_text(text, "utf-8")

    outcome = try_change(trial, "changed")
    if before == after:
        assert (outcome.datasets, outcome.exit_code) == ((), 0)
        return
    (found,) = outcome.datasets
    rows, bad = standard(trial), refused(trial)
    trial.declare("datasets/c", contract(SPEEDS[after], mode))
    result = trial.replay(DATASET)
    if found.status != "compared":
        assert found.status == "empty" or result.status != "committed"
        return
    check_announced(found, rows, standard(trial), bad, refused(trial), result.counts.quarantined)


def made_lake(factory: pytest.TempPathFactory, mode: str, deliveries: Any, speed: Mapping[str, Any]) -> Trial:
    root = factory.mktemp("announced")
    declare_packs(root / "workspace", extends=DEMO)
    (root / "in").mkdir()
    trial = Trial(root, {"IN": str(root / "in")})
    trial.declare("datasets/c", contract(speed, mode))
    for number, rows in enumerate(deliveries):
        # Each file has hours of its own, so that the commit drops no row for another file's.
        lines = [
            f"2026-03-{2 * number + 1 + hour // 24:02} {hour % 24:02}:00,D{device},{v}" for hour, device, v in rows
        ]
        (root / f"in/d{number}.csv").write_text("\n".join(["t,dev,v", *lines, ""]), "utf-8")
    trial.run()
    return trial


def check_announced(
    found: DatasetTrial,
    before: dict[tuple[str, int], float | None],
    after: dict[tuple[str, int], float | None],
    bad: Counter[tuple[str, int]],
    worse: Counter[tuple[str, int]],
    quarantined: int,
) -> None:
    difference = found.difference
    assert found.changed.quarantined == quarantined
    assert difference.bad.rows == (worse - bad).total()
    assert difference.good.rows == (bad - worse).total()
    changed = [place for place in before.keys() & after.keys() if before[place] != after[place]]
    assert sum(change.rows for change in difference.columns if change.column == "mean_speed_kmh") == len(changed)
    assert difference.only_today == len(before.keys() - after.keys())
    assert difference.only_changed == len(after.keys() - before.keys())
    if changed and all(isinstance(before[place], float) and isinstance(after[place], float) for place in changed):
        steps = [(after[place] or 0) - (before[place] or 0) for place in changed]
        (speed,) = [change for change in difference.columns if change.column == "mean_speed_kmh"]
        assert [speed.smallest, speed.largest] == pytest.approx([min(steps), max(steps)])
