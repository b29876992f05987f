"""A reader opens a mart and a standard table again and again while runs replace every row of them, and upkeep runs."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.faults.crash_city.city import STATIONS, CrashCity
from tests.faults.kill_points.faulty_commands import REPOSITORY, SOURCE, FaultyCommands
from tests.faults.kill_points.scenarios import must_run
from tests.faults.preload import compile_preload

DAYS = 3
UPKEEP_EVERY = 4
"""Publications between two runs of upkeep."""


class TornVersionError(AssertionError):
    """A reader saw rows of two versions, or a part of one."""


def run_reader_rounds(publishes: int, folder: Path) -> dict[str, int]:
    """Publish ``publishes`` versions below ``folder``. Return how often the mart and the table were read meanwhile.

    Also returns how many versions of each were seen. Raises TornVersionError.
    """
    city, begun, stop = CrashCity(folder / "city"), folder / "begun", folder / "stop"
    city.create()
    reading = [sys.executable, "-m", "tests.faults.at_once.reader", str(city.lake), str(begun), str(stop)]
    with FaultyCommands(compile_preload(SOURCE, folder), city.root) as commands:
        _publish(city, commands, 1)
        reader = subprocess.Popen(reading, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
        try:
            _wait_for(begun, reader)
            for number in range(2, publishes + 1):
                _publish(city, commands, number)
        finally:
            stop.touch()
            told = json.loads(reader.communicate()[0])
    rows = len(STATIONS) * DAYS
    torn = [*_torn(told["marts"], rows), *_torn(told["tables"], rows * 24)]
    if torn:
        raise TornVersionError(f"versions as (value, rows): {torn}")
    rounds = {"mart_rounds": told["mart_rounds"], "table_rounds": told["table_rounds"]}
    return rounds | {"mart_versions": len(told["marts"]), "table_versions": len(told["tables"])}


def _wait_for(begun: Path, reader: subprocess.Popen[str]) -> None:
    """A publication that the reader is too late for proves nothing."""
    while not begun.exists():
        assert reader.poll() is None, "the reader has ended"
        time.sleep(0.02)


def _publish(city: CrashCity, commands: FaultyCommands, number: int) -> None:
    _deliver(city, number)
    must_run(commands, city.command("run", "--dataset", "air.hourly"))
    if number % UPKEEP_EVERY == 0:
        must_run(commands, city.command("upkeep"))


def _deliver(city: CrashCity, number: int) -> None:
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


def _torn(versions: list[list[list[Any]]], rows: int) -> list[list[list[Any]]]:
    """The versions that do not have all rows, or have those of two deliveries."""
    return [version for version in versions if len(version) != 1 or version[0][1] != rows]
