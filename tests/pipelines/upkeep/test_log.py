from __future__ import annotations

import os
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable

from citylake.pipelines.commit.delta_transaction import is_batch_committed
from citylake.pipelines.context import RunContext, new_run
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.lake.ledger.table_changes import changed_dataset_days
from citylake.pipelines.marts.mart_pipeline import build_and_publish_marts
from citylake.pipelines.upkeep import log_checkpoint
from citylake.pipelines.upkeep.lake_tables import parse_table_path
from tests.pipelines.upkeep.conftest import put, reading, upkeep

STANDARD = parse_table_path("standard/test.readings")
TOP = 123_456


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_checkpoint, "COMMITS_PER_CHECKPOINT", 3)


def entries(root: str) -> list[str]:
    return sorted(path.name for path in Path(root, "_delta_log").glob("*.json"))


def aged(root: str) -> None:
    for path in Path(root, "_delta_log").iterdir():
        os.utime(path, (time.time() - 60 * 86_400,) * 2)


def test_a_log_is_summed_up_once_in_so_many_commits(city: Any) -> None:
    root = city.lake.standard("test.readings")
    for number in range(3):
        put(city, {f"r{number}": [reading(1, f"s{number}", 1.0)]})
    assert log_checkpoint.checkpoint_log(city.lake, STANDARD, dry_run=True)
    assert not Path(root, "_delta_log", "_last_checkpoint").exists()
    assert [done.work for done in log_checkpoint.checkpoint_log(city.lake, STANDARD)] == ["checkpoint"]
    assert Path(root, "_delta_log", "_last_checkpoint").exists()
    assert log_checkpoint.checkpoint_log(city.lake, STANDARD) == []


def test_what_was_committed_is_known_when_its_entry_is_gone(city: Any) -> None:
    root = city.lake.standard("test.readings")
    for number in range(4):
        put(city, {f"r{number}": [reading(1, "a", float(number), TOP)]})
    staged = city.stage({"r9": [reading(1, "z", 1.0)]}, columns=["observed_at", "station", "pm25_ugm3"])
    aged(root)
    log_checkpoint.checkpoint_log(city.lake, STANDARD)
    assert len(entries(root)) == 1
    first = city.stage({"r0": [reading(1, "a", 0.0, TOP)]}, columns=["observed_at", "station", "pm25_ugm3"])
    assert is_batch_committed(DeltaTable(root), first.batch)
    assert not is_batch_committed(DeltaTable(root), staged.batch)
    assert put(city, {"r0": [reading(1, "a", 0.0, TOP)]}).skipped
    put(city, {"r5": [reading(1, "a", 5.0, TOP)]})
    assert city.standard()["pm25_ugm3"].to_list() == [5.0]


def test_bounds_in_a_summary_are_exact(city: Any) -> None:
    for number in range(3):
        put(city, {f"r{number}": [reading(1, "a", 1.0, TOP)]})
    log_checkpoint.checkpoint_log(city.lake, STANDARD)
    aged(city.lake.standard("test.readings"))
    actions = DeltaTable(city.lake.standard("test.readings")).get_add_actions(flatten=True)
    assert actions["max.observed_at"][0].as_py() == datetime(2026, 3, 1, 0, 0, 0, TOP, tzinfo=UTC)


def test_a_change_that_the_log_no_longer_tells_is_a_change_of_everything(city: Any) -> None:
    root = city.lake.standard("test.readings")
    for number in range(4):
        put(city, {f"r{number}": [reading(1, "a", float(number))]})
    aged(root)
    log_checkpoint.checkpoint_log(city.lake, STANDARD)
    version = DeltaTable(root).version()
    assert changed_dataset_days(city.lake, "test.readings", 0) is None
    assert changed_dataset_days(city.lake, "test.readings", version) == set()
    put(city, {"r5": [reading(2, "b", 5.0)]})
    assert changed_dataset_days(city.lake, "test.readings", version) == {date(2026, 3, 2)}


def published(city: Any) -> Any:
    context = RunContext(city.registry, city.lake, Ledger(city.lake), new_run())
    (done,) = build_and_publish_marts(context, ["air"])
    context.ledger.flush()
    return done


def test_a_mart_whose_inputs_log_is_cut_is_made_in_full(small_city: Any) -> None:
    small_city.readings(date(2026, 3, 1), {"a": 1.0})
    published(small_city)
    for day in range(2, 6):
        small_city.readings(date(2026, 3, day), {"a": float(day)})
    aged(small_city.lake.standard("air.readings"))
    list(upkeep(small_city).table(parse_table_path("standard/air.readings")))
    assert len(entries(small_city.lake.standard("air.readings"))) == 1
    done = published(small_city)
    assert (done.status, done.tables["station_day"], done.days["station_day"]) == ("published", 5, None)
    assert published(small_city).status == "unchanged"
