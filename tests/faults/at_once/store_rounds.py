"""Runs at once on an object store: what they leave is copied to a folder, and compared as that of a folder."""

from __future__ import annotations

from pathlib import Path

from citylake.pipelines.lake.lake_zones import Lake
from tests.faults.at_once.rounds import RunsDifferError
from tests.faults.crash_city.city import CrashCity
from tests.faults.crash_city.content import differences, lake_content, unaccounted
from tests.faults.kill_points.faulty_commands import SOURCE, FaultyCommands
from tests.faults.kill_points.scenarios import must_run
from tests.faults.preload import compile_preload
from tests.stored_city import objects_of
from tests.thorough import THOROUGH


def run_on_store(url: str, folder: Path) -> None:
    """Run two at once on a delivery, then one beside an upkeep on its correction. Raises RunsDifferError."""
    city = CrashCity(folder / "city")
    with FaultyCommands(compile_preload(SOURCE, folder), city.root) as commands:
        _create(city)
        for number in (1, 2):
            city.deliver(number)
            must_run(commands, city.command("run"))
        wanted = lake_content(city.lake)
        _create(city)
        for number in (1, 2):
            city.deliver(number)
            words = [["run"], ["run"] if number == 1 else ["upkeep"]]
            ended = commands.run_together([_on_store(city, url, *each) for each in words])
            if bad := [each for each in ended if each.code != 0]:
                raise RunsDifferError(f"{len(bad)} of {len(ended)} did not end with 0: {bad[0]}")
    copy = folder / "copy"
    for name, content in objects_of(Lake(url)).items():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_bytes(content)
    if lines := [*differences(lake_content(copy), wanted), *unaccounted(copy)]:
        raise RunsDifferError("\n".join(lines))


def _create(city: CrashCity) -> None:
    """Requests to a store take long: a usual run leaves two of the datasets out, with their parts of the mart."""
    city.create()
    for name in () if THOROUGH else ("daily", "log"):
        (city.workspace / f"datasets/air/{name}.yaml").unlink()
        select = city.workspace / "marts/air/station_day.sql"
        lines = select.read_text("utf-8").splitlines(keepends=True)
        select.write_text("".join(line for line in lines if f"air.{name}" not in line), "utf-8")


def _on_store(city: CrashCity, url: str, *words: str) -> list[str]:
    return ["--workspace", str(city.workspace), "--lake", url, *words]
