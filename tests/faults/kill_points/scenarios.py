"""What is disturbed: a command, the lake that it finds, and what must be there after it has run again."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from tests.decided import Place, correct_rows, correct_value, decide_rows
from tests.faults.crash_city.city import CrashCity
from tests.faults.crash_city.content import Content, lake_content
from tests.faults.kill_points.faulty_commands import Ended, FaultyCommands

Prepare = Callable[[CrashCity, FaultyCommands], None]


@dataclass(frozen=True, slots=True)
class Scenario:
    """``begin`` and then ``prepare`` make what the command finds.

    ``finish`` makes the lake that is compared, if it is not there yet.
    """

    name: str
    words: tuple[str, ...]
    begin: Prepare
    prepare: Prepare = lambda _city, _commands: None
    finish: Prepare = lambda _city, _commands: None
    once: bool = False
    """Whether the command, once it has ended well, refuses to run again."""

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


def _redeclared(city: CrashCity, _commands: FaultyCommands) -> None:
    city.redeclare()


def _decided(city: CrashCity, _commands: FaultyCommands) -> None:
    """The word in place of a number is corrected as a value, in one row as another number, and one row is discarded."""
    ledger = Ledger(Lake(str(city.lake)))
    for dataset in ("air.hourly", "air.log", "air.daily"):
        places = _refused(city, dataset)
        correct_value(ledger, dataset, f"value-{dataset}", "pm25", "a lot", "50")
        correct_rows(ledger, dataset, f"rows-{dataset}", [(places[0], "pm25", "a lot", "51")])
        decide_rows(ledger, dataset, f"discard-{dataset}", "discarded", places[-1:])


def _refused(city: CrashCity, dataset: str) -> list[Place]:
    rows = pl.read_delta(str(city.lake / "quarantine" / dataset)).select("_source", "_receipt", "_part", "_row")
    return [(receipt, part, row) for _, receipt, part, row in sorted(rows.rows())]


def _backed_up(city: CrashCity, commands: FaultyCommands) -> None:
    must_run(commands, city.command("backup", str(city.kept)))
    shutil.rmtree(city.lake)


def _second_backup(city: CrashCity, commands: FaultyCommands) -> None:
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
        Scenario("replay", ("replay", "air.log"), _both, _redeclared),
        Scenario("quarantine", ("replay", "--quarantine"), _both, _decided),
        Scenario("upkeep", ("upkeep-now",), _both),
        Scenario("backup", ("backup", "KEPT"), _second, _second_backup, _restored),
        Scenario("restore", ("restore", "KEPT"), _both, _backed_up, once=True),
    )
}
