"""Runs at once: on one dataset, on different datasets with one mart, beside upkeep and backup, and killed together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

from tests.faults.crash_city.city import DATASETS, CrashCity
from tests.faults.crash_city.content import differences, lake_content, unaccounted
from tests.faults.kill_points.faulty_commands import SOURCE, Fault, FaultyCommands
from tests.faults.preload import compile_preload

CHANGES = 120
"""About as many as a run of one dataset makes."""
Commands = Callable[[CrashCity], list[list[str]]]


class RunsDifferError(AssertionError):
    """Runs at once that failed, or left another lake than one run leaves."""


def same_runs(count: int) -> Commands:
    """Return ``count`` runs of everything."""
    return lambda city: [city.command("run") for _ in range(count)]


def runs_by_dataset(city: CrashCity) -> list[list[str]]:
    """A run for each dataset; each of them builds the mart that reads all."""
    return [city.command("run", "--dataset", name) for name in DATASETS]


def beside_upkeep_and_backup(city: CrashCity) -> list[list[str]]:
    """Two runs, an upkeep and a backup."""
    return [*same_runs(2)(city), city.command("upkeep"), city.command("backup", str(city.kept))]


GROUPS: Mapping[str, Commands] = {
    "two": same_runs(2),
    "four": same_runs(4),
    "eight": same_runs(8),
    "by_dataset": runs_by_dataset,
    "beside_upkeep_and_backup": beside_upkeep_and_backup,
}
KILLED = "killed"
"""A group of its own: runs of a dataset each are killed, all after the same number of changes, then run again."""


class RunsAtOnce:
    """A city below ``folder``, what one run after each delivery makes of it, and groups of runs to compare with it."""

    def __init__(self, folder: Path) -> None:
        self._city = CrashCity(folder / "city")
        self._commands = FaultyCommands(compile_preload(SOURCE, folder), self._city.root)
        _deliver_and_run(self._city, self._commands, same_runs(1))
        self._wanted = lake_content(self._city.lake)

    def close(self) -> None:
        """End the processes."""
        self._commands.close()

    def run_rounds(self, group: str, rounds: int) -> dict[str, int]:
        """Run the group's commands at once on each of two deliveries, ``rounds`` times. Return how many that were.

        Raises RunsDifferError if one does not end with 0, or the lake is not that of one run after each delivery.
        """
        made = 0
        for number in range(rounds):
            if group == KILLED:
                kills = Random(f"{number} of {rounds}")
                made += _deliver_and_run(self._city, self._commands, runs_by_dataset, kills)
            else:
                made += _deliver_and_run(self._city, self._commands, GROUPS[group])
            lines = [*differences(lake_content(self._city.lake), self._wanted), *unaccounted(self._city.lake)]
            if lines:
                raise RunsDifferError(f"{group}, round {number}:\n" + "\n".join(lines))
        return {"concurrent_runs": made}


def run_rounds(rounds: int, folder: Path) -> dict[str, int]:
    """Run all groups below ``folder``, ``rounds`` times. Raises RunsDifferError."""
    runs = RunsAtOnce(folder)
    try:
        return {
            "concurrent_runs": sum(runs.run_rounds(group, rounds)["concurrent_runs"] for group in (*GROUPS, KILLED))
        }
    finally:
        runs.close()


def _deliver_and_run(city: CrashCity, commands: FaultyCommands, group: Commands, kills: Random | None = None) -> int:
    city.create()
    city.deliver(1)
    words = [group(city), group(city)]
    if group is beside_upkeep_and_backup:
        # There is nothing to back up before the first run.
        words[0] = same_runs(1)(city)
    for number, together in enumerate(words, 1):
        city.deliver(number)
        if kills is not None:
            commands.run_together(together, Fault("kill", kills.randint(1, CHANGES)))
        ended = commands.run_together(together)
        if bad := [each for each in ended if each.code != 0]:
            raise RunsDifferError(f"{len(bad)} of {len(ended)} did not end with 0: {bad[0]}")
    return sum(map(len, words))
