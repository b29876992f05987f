"""Several runs at once end well and do the work of one; who reads meanwhile sees complete versions only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.at_once.rounds import GROUPS, RunsAtOnce
from tests.faults.crash_city.city import STATIONS, CrashCity
from tests.faults.kill_points.faulty_commands import REPOSITORY, SOURCE, FaultyCommands
from tests.faults.kill_points.rounds import CI_ROUNDS, rounds_wanted
from tests.faults.kill_points.scenarios import must_run
from tests.faults.preload import compile_preload

PUBLISHES = 12
DAYS = 3


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunsAtOnce]:
    made = RunsAtOnce(tmp_path_factory.mktemp("at_once"))
    yield made
    made.close()


@pytest.mark.parametrize("group", GROUPS)
def test_runs_at_once_do_the_work_of_one(runs: RunsAtOnce, group: str) -> None:
    assert runs.run_rounds(group, max(1, rounds_wanted() // CI_ROUNDS))["concurrent_runs"] > 0


def deliver(city: CrashCity, number: int) -> None:
    """A correction of every value; all of them are ``number``."""
    folder = city.workspace / "inbox/hourly"
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        f"{station},2026-03-{day:02d} {hour:02d}:00,{number}.0"
        for station in STATIONS
        for day in range(1, DAYS + 1)
        for hour in range(24)
    ]
    (folder / "all.csv").write_text("\n".join(["station,hour,pm25", *rows, ""]), "utf-8")


def test_a_reader_sees_complete_versions_only(tmp_path: Path) -> None:
    city, stop = CrashCity(tmp_path / "city"), tmp_path / "stop"
    city.create()
    reading = [sys.executable, "-m", "tests.faults.at_once.reader", str(city.lake), str(stop)]
    reader = subprocess.Popen(reading, cwd=REPOSITORY, env=os.environ, stdout=subprocess.PIPE, text=True)
    try:
        with FaultyCommands(compile_preload(SOURCE, tmp_path), city.root) as commands:
            for number in range(1, PUBLISHES + 1):
                deliver(city, number)
                must_run(commands, city.command("run", "--dataset", "air.hourly"))
                if number % 4 == 0:
                    must_run(commands, city.command("upkeep"))
    finally:
        stop.touch()
        told = json.loads(reader.communicate()[0])
    assert torn(told["marts"], len(STATIONS) * DAYS) == []
    assert torn(told["tables"], len(STATIONS) * DAYS * 24) == []
    # The reader was quick enough to see several versions.
    assert len(told["marts"]) > 2
    assert len(told["tables"]) > 2


def torn(versions: list[list[list[Any]]], rows: int) -> list[list[list[Any]]]:
    """The versions that do not have all rows, or have those of two deliveries."""
    return [version for version in versions if len(version) != 1 or version[0][1] != rows]
