"""Order never comes from a machine's clock: with any clocks, a lake is as with a right one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from contextlib import redirect_stdout
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from citylake.pipelines.cli import main
from citylake.pipelines.context import RunContext, new_run, run_variables
from citylake.pipelines.flow import replay_dataset as replaying
from citylake.pipelines.flow.dataset_steps import commit_step
from citylake.pipelines.flow.replay_selection import ReplaySelection
from citylake.pipelines.flow.run_pipeline import run_pipeline
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.read.mart_reader import query_mart
from citylake.schemas.lint.valid_registry import load_valid_registry
from tests.forked.commands import ForkedCommands
from tests.small_workspace import write_small_workspace
from tests.thorough import THOROUGH, examples
from tests.wrong_clock import clock_off_by

DATASET = "air.readings"
CONTRACT = """
dataset: air.readings
title: {{zh: 空气质量读数, en: air-quality readings}}
owner: {{department: 生态环境局}}
source: {{connector: files, path: "${{WORKSPACE}}/inbox/*.csv", format: csv}}
fields:
  station: {{element: place.station_code, required: true}}
  day: {{element: time.day}}
  pm25: {{element: air.pm25, unit: ug/m3}}
write: {write}
"""
WRITES = {
    "append": "{mode: append}",
    "upsert": "{mode: upsert, key: [station_code, day], partition: day(day)}",
    "replace": "{mode: replace, partition: day(day)}",
    "snapshot": "{mode: snapshot, key: [station_code], effective: day}",
}
DAY = timedelta(days=1)
CLOCKS = st.sampled_from([timedelta(), DAY, -DAY, timedelta(days=-400), timedelta(seconds=-1), timedelta(days=30)])
DELIVERIES = st.lists(st.tuples(st.integers(0, 3), CLOCKS), min_size=2, max_size=4 if THOROUGH else 3).filter(
    lambda found: any(clock for _, clock in found)
)
"""(the file's state, the clock of the worker that reads it); one of the clocks is wrong"""


def delivered(state: int) -> str:
    """A file that grows, and corrects its first value, from state to state."""
    rows = [f"S{number},2026-03-01,{state if number == 0 else number}" for number in range(state + 2)]
    return "\n".join(["station,day,pm25", *rows, ""])


class Place:
    """A workspace whose one source is a file that changes, and a lake."""

    def __init__(self, folder: Path, mode: str, *, marts: bool = False) -> None:
        self.workspace, self.lake = write_small_workspace(folder / "workspace"), Lake(str(folder / "lake"))
        contract = CONTRACT.format(write=WRITES[mode])
        (self.workspace / "datasets/air/readings.yaml").write_text(contract, "utf-8")
        select = "SELECT station_code, day, pm25_ugm3, 1 AS readings FROM air.readings"
        (self.workspace / "marts/air/station_day.sql").write_text(select, "utf-8")
        if not marts:
            shutil.rmtree(self.workspace / "marts")
        self.registry = load_valid_registry(self.workspace)

    def deliver(self, state: int) -> None:
        (self.workspace / "inbox/air.csv").write_text(delivered(state), "utf-8")

    def context(self) -> RunContext:
        this = new_run()
        return RunContext(self.registry, self.lake, Ledger(self.lake), this, run_variables(self.registry, this))

    def run(self) -> dict[str, Any]:
        return dict(run_pipeline(self.context()).document)

    def rows(self) -> pl.DataFrame:
        found = pl.read_delta(self.lake.standard(DATASET))
        return found.select(sorted(name for name in found.columns if not name.startswith("_"))).sort(pl.all())


def results(mode: str, deliveries: Sequence[tuple[int, timedelta]]) -> list[pl.DataFrame]:
    """The table after each delivery."""
    found = []
    with TemporaryDirectory() as folder:
        place = Place(Path(folder), mode)
        for state, clock in deliveries:
            place.deliver(state)
            with clock_off_by(clock):
                place.run()
            found.append(place.rows())
    return found


@cache
def right(mode: str, states: tuple[int, ...]) -> list[pl.DataFrame]:
    return results(mode, [(state, timedelta()) for state in states])


@pytest.mark.parametrize("mode", WRITES)
@given(DELIVERIES)
@example([(0, timedelta()), (2, -DAY)])
@example([(0, DAY), (2, timedelta()), (1, -DAY)])
@settings(max_examples=examples(1, 3), deadline=None)
def test_any_clocks_give_the_table_of_a_right_clock(mode: str, deliveries: list[tuple[int, timedelta]]) -> None:
    found = results(mode, deliveries)
    for table, expected in zip(found, right(mode, tuple(state for state, _ in deliveries)), strict=True):
        assert table.equals(expected)
    if mode != "snapshot":
        assert found[-1].height == deliveries[-1][0] + 2 or mode == "upsert"


def run_off_by(hours: str, told: str, *arguments: str) -> int:
    """Run ``citylake`` in this process, whose clock is off; what it prints goes to the file ``told``."""
    with clock_off_by(timedelta(hours=float(hours))), open(told, "w", encoding="utf-8") as file, redirect_stdout(file):
        return main(arguments)


def worker(forked: ForkedCommands, place: Place, hours: float, *arguments: str) -> Any:
    """A process of its own, whose clock is off."""
    told = place.workspace.parent / f"told{hours}.json"
    options = ["--workspace", str(place.workspace), "--lake", place.lake.url, *arguments, "--json"]
    done = forked.start([f"{__name__}:run_off_by", str(hours), str(told), *options])
    assert done.wait(120) == 0
    return json.loads(told.read_text("utf-8"))


def test_workers_whose_clocks_are_a_day_apart_publish_the_last_delivery(tmp_path: Path, forked: ForkedCommands) -> None:
    place = Place(tmp_path, "append", marts=True)
    for number, hours in enumerate((24, -24)):
        place.deliver(number)
        done = worker(forked, place, hours, "run")
        assert [entry["status"] for entry in done["datasets"]] == ["committed"]
        assert [entry["status"] for entry in done["marts"]] == ["published"]
    assert {entry["status"] for key in ("datasets", "marts") for entry in place.run()[key]} == {"unchanged"}
    _, rows = query_mart(place.lake, "air", "SELECT pm25_ugm3 FROM station_day ORDER BY station_code")
    assert [float(value) for (value,) in rows] == [1, 1, 2]
    received = Ledger(place.lake).read("receipts").filter(pl.col("status") == "received")
    assert received["id"].is_sorted()
    assert not received["requested_at"].is_sorted()  # times stay those of the machines


def test_a_delivery_that_overtakes_a_replay_is_seen_with_a_clock_set_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path, "upsert")
    place.deliver(0)
    place.run()
    commit = commit_step

    def overtaken(*arguments: Any, **options: Any) -> Any:
        place.deliver(2)
        with clock_off_by(-DAY):
            place.run()
        return commit(*arguments, **options)

    monkeypatch.setattr(replaying, "commit_step", overtaken)
    contract = place.registry.contracts[DATASET]
    (found,) = replaying.replay_dataset(place.context(), contract, ReplaySelection(since=date(2000, 1, 1)))
    assert [problem.code for problem in found.problems][:1] == ["REPLAY_OVERTAKEN"]
    assert place.rows().height == 4
