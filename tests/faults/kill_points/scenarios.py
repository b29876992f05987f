"""What is disturbed: a command, the lake that it finds, and what must be there after it has run again."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.faults.crash_city.city import CrashCity
from tests.faults.crash_city.content import Content, lake_content
from tests.faults.kill_points.faulty_commands import Ended, FaultyCommands

Prepare = Callable[[CrashCity, FaultyCommands], None]


@dataclass(frozen=True, slots=True)
class Scenario:
    """``prepare`` makes what the command finds; ``finish`` makes the lake that is compared, if it is not there yet."""

    name: str
    words: tuple[str, ...]
    prepare: Prepare
    finish: Prepare = lambda _city, _commands: None

    def command(self, city: CrashCity) -> list[str]:
        """The arguments of the disturbed command."""
        if self.words[0] == "upkeep-now":
            return [*self.words, str(city.workspace), str(city.lake)]
        words = [str(city.kept) if word == "KEPT" else word for word in self.words]
        return city.command(*words)

    def content(self, city: CrashCity, commands: FaultyCommands) -> Content:
        """What is there in the end."""
        self.finish(city, commands)
        return lake_content(city.lake)


def must_run(commands: FaultyCommands, words: list[str]) -> Ended:
    """Run a command undisturbed, to a good end."""
    ended = commands.run(words)
    assert ended.code == 0, (words, ended)
    return ended


def _first(city: CrashCity, _commands: FaultyCommands) -> None:
    city.deliver(1)


def _second(city: CrashCity, commands: FaultyCommands) -> None:
    city.deliver(1)
    must_run(commands, city.command("run"))
    city.deliver(2)


def _both(city: CrashCity, commands: FaultyCommands) -> None:
    _second(city, commands)
    must_run(commands, city.command("run"))


def _redeclared(city: CrashCity, commands: FaultyCommands) -> None:
    _both(city, commands)
    city.redeclare()


def _backed_up(city: CrashCity, commands: FaultyCommands) -> None:
    _both(city, commands)
    must_run(commands, city.command("backup", str(city.kept)))
    shutil.rmtree(city.lake)


def _second_backup(city: CrashCity, commands: FaultyCommands) -> None:
    _second(city, commands)
    must_run(commands, city.command("backup", str(city.kept)))
    must_run(commands, city.command("run"))


def _restored(city: CrashCity, commands: FaultyCommands) -> None:
    shutil.rmtree(city.lake)
    must_run(commands, city.command("restore", str(city.kept)))


SCENARIOS: Mapping[str, Scenario] = {
    each.name: each
    for each in (
        Scenario("first_delivery", ("run",), _first),
        Scenario("correction", ("run",), _second),
        Scenario("replay", ("replay", "air.log"), _redeclared),
        Scenario("upkeep", ("upkeep-now",), _both),
        Scenario("backup", ("backup", "KEPT"), _second_backup, _restored),
        Scenario("restore", ("restore", "KEPT"), _backed_up),
    )
}
