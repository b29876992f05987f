"""A power cut at any change of a run or an upkeep: the lake is as before or as after, and the next run completes it."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from polars.exceptions import PanicException

from citylake.pipelines.context import RunContext, new_run, run_variables
from citylake.pipelines.flow.run_pipeline import run_pipeline
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.schemas.lint.valid_registry import load_valid_registry
from tests.faults.power_cut.cut_lake import check_promises, content, deliver, write_workspace
from tests.faults.power_cut.cut_run import CutRun, recording_layer
from tests.faults.power_cut.disk import Change, read_tree, replay
from tests.forked.commands import ForkedCommands
from tests.thorough import examples

ROUNDS = int(os.environ.get("CITYLAKE_CRASH_ROUNDS", examples(3, 10)))
"""Number of power cuts in each scenario."""


class City:
    """A workspace whose first deliveries are in a lake, the changes of each command, and the undisturbed outcome."""

    def __init__(self, folder: Path, layer: ForkedCommands) -> None:
        self.folder = folder
        self.layer = layer
        self.workspace = write_workspace(folder / "workspace")
        self.before = folder / "before"
        for number in range(3):
            deliver(self.workspace, number)
            self.complete(self.before)
        deliver(self.workspace, 3)
        self.changes = {name: self._record(name) for name in ("first run", "run", "upkeep")}

    def complete(self, lake: Path) -> None:
        """Run in this process, as the next scheduled run would."""
        registry, this, place = load_valid_registry(self.workspace), new_run(), Lake(str(lake))
        context = RunContext(registry, place, Ledger(place), this, run_variables(registry, this))
        assert run_pipeline(context).exit_code == 0

    def start(self, name: str, place: str) -> CutRun:
        """Return commands over a lake of their own at ``place``, with what scenario ``name`` begins with."""
        lake = self.folder / place / "lake"
        lake.parent.mkdir()
        if name != "first run":
            shutil.copytree(self.before, lake)
        return CutRun(self.layer, self.workspace, lake)

    def moment(self, name: str, chance: random.Random) -> int:
        """Return the number of a change before which the power fails: any, or one after a log entry got its name."""
        changes = self.changes[name]
        after = [at + 2 for at, change in enumerate(changes) if _names_log_entry(change)]
        return chance.choice([chance.randint(1, len(changes)), chance.choice(after)])

    def _record(self, name: str) -> list[Change]:
        cut = self.start(name, f"undisturbed {name}")
        before, changes = cut.count_changes(command(cut, name))
        # The layer sees every change: what it recorded is what is there.
        assert replay(before, changes).files == read_tree(cut.lake).files
        if name == "upkeep":
            self.complete(cut.lake)
        self.outcome = content(Lake(str(cut.lake)))
        return changes


def _names_log_entry(change: Change) -> bool:
    return (
        change.kind in ("create", "rename") and "/_delta_log/" in change.names[-1] and change.names[-1].endswith("json")
    )


def command(cut: CutRun, name: str) -> list[str]:
    return cut.upkeep_command() if name == "upkeep" else cut.run_command()


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    folder = tmp_path_factory.mktemp("power")
    with recording_layer(folder) as layer:
        yield City(folder, layer)


def disturbed(city: City, name: str, cut: CutRun, at: int, chance: random.Random) -> str:
    """Cut the power, check what is left, and complete it; return what was done if the outcome is another one."""
    told = cut.cut(command(cut, name), at, chance)
    lake = Lake(str(cut.lake))
    try:
        check_promises(lake)
        city.complete(cut.lake)
        check_promises(lake)
    except (Exception, PanicException) as error:
        # Polars panics at a Parquet file that is shorter than its metadata say.
        return f"{told}: {type(error).__name__}: {error}"
    found: dict[str, Any] = content(lake)
    differing = [place for place in city.outcome if found.get(place) != city.outcome[place]]
    return f"{told}: {differing}" if differing else ""


@pytest.mark.parametrize("seed", range(ROUNDS))
@pytest.mark.parametrize("name", ["first run", "run", "upkeep"])
def test_after_a_power_cut_nothing_is_lost_and_nothing_is_between(city: City, name: str, seed: int) -> None:
    chance = random.Random(f"{name} {seed}")
    cut = city.start(name, f"{name} {seed}")
    assert disturbed(city, name, cut, city.moment(name, chance), chance) == ""


def test_without_syncs_the_same_power_cut_loses_rows(city: City) -> None:
    chance = random.Random(0)
    runs = (replace(city.start("run", f"unsynced {seed}"), sync="off") for seed in range(20))
    assert any(disturbed(city, "run", cut, at=10**9, chance=chance) for cut in runs)
