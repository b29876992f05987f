"""Rounds of one scenario: in each, the command is disturbed at another of its changes, and then runs again in peace."""

from __future__ import annotations

import errno
import os
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from tests.faults.crash_city.city import CrashCity
from tests.faults.crash_city.content import Content, differences, unaccounted
from tests.faults.kill_points.faulty_commands import SOURCE, Ended, Fault, FaultyCommands
from tests.faults.kill_points.scenarios import SCENARIOS, Scenario, must_run
from tests.faults.preload import compile_preload
from tests.thorough import examples

ROUNDS_VARIABLE, CI_ROUNDS = "CITYLAKE_CRASH_ROUNDS", 3
THOROUGH_ROUNDS = 12
KINDS = (
    ("kill", 0),
    ("kill_halfway", 0),
    ("fail_once", errno.ENOSPC),
    ("kill", 0),
    ("fail_from", errno.ENOSPC),
    ("fail_once", errno.EIO),
)
"""In turn: half of the rounds kill."""


class RoundFailedError(AssertionError):
    """A round after which the lake is not as it should be; its text tells how to repeat it."""


def rounds_wanted() -> int:
    """Rounds for each scenario: ``CITYLAKE_CRASH_ROUNDS``, or what CI has time for."""
    return int(os.environ.get(ROUNDS_VARIABLE, examples(CI_ROUNDS, THOROUGH_ROUNDS)))


class KillPoints:
    """A city below ``folder`` and a process that forks its commands, for scenarios one after another."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._city = folder, CrashCity(folder / "city")
        self._commands = FaultyCommands(compile_preload(SOURCE, folder), self._city.root)
        self._begun: dict[str, Path] = {}

    def close(self) -> None:
        """End the process."""
        self._commands.close()

    def run_rounds(self, scenario: str, rounds: int, seed: int) -> dict[str, int]:
        """Run ``rounds`` rounds. Return how many processes were killed, and how many had a write fail.

        The changes are chosen evenly over the undisturbed run, each at random in its part. Raises RoundFailedError.
        """
        chosen, city, commands = SCENARIOS[scenario], self._city, self._commands
        self._begin(chosen)
        chosen.prepare(city, commands)
        before = self._folder / f"before {scenario}"
        shutil.copytree(city.root, before, symlinks=True)
        changes = must_run(commands, chosen.command(city)).changes
        wanted = chosen.content(city, commands)
        found = Counter(kills=0, failed_writes=0, not_reached=0)
        for number, fault in enumerate(choose_faults(rounds, changes, seed)):
            self._put_back(before)
            ended = commands.run(chosen.command(city), fault)
            problem = _problem(chosen, city, commands, fault, ended, wanted)
            if problem:
                raise RoundFailedError(f"{scenario}, seed {seed}, round {number} of {rounds}, {fault}: {problem}")
            found[_outcome(fault, ended)] += 1
        return dict(found)

    def _begin(self, scenario: Scenario) -> None:
        """Bring the city to where the scenario begins; what several begin with is made once."""
        name = scenario.begin.__name__
        if name in self._begun:
            self._put_back(self._begun[name])
            return
        self._city.create()
        scenario.begin(self._city, self._commands)
        self._begun[name] = self._folder / f"begun {name}"
        shutil.copytree(self._city.root, self._begun[name], symlinks=True)

    def _put_back(self, saved: Path) -> None:
        shutil.rmtree(self._city.root)
        shutil.copytree(saved, self._city.root, symlinks=True)


def run_rounds(scenario: str, rounds: int, seed: int, folder: Path) -> dict[str, int]:
    """Run ``rounds`` rounds of one scenario below ``folder``, as ``KillPoints`` does."""
    with closing(KillPoints(folder)) as kill_points:
        return kill_points.run_rounds(scenario, rounds, seed)


def choose_faults(rounds: int, changes: int, seed: int) -> Iterator[Fault]:
    """Yield one fault for each round."""
    chance = random.Random(f"{seed} {changes}")
    for number in range(rounds):
        mode, error = KINDS[(number + seed) % len(KINDS)]
        yield Fault(mode, int((number + chance.random()) * changes / rounds) + 1, error)


def _outcome(fault: Fault, ended: Ended) -> str:
    if fault.kills:
        return "kills" if ended.code < 0 else "not_reached"
    return "failed_writes" if ended.changes >= fault.number else "not_reached"


def _problem(
    scenario: Scenario, city: CrashCity, commands: FaultyCommands, fault: Fault, ended: Ended, wanted: Content
) -> str:
    """Return what is wrong after a round; empty if nothing is."""
    if not fault.kills and (ended.code not in (0, 1, 2, 3) or "Traceback" in ended.out + ended.err):
        return f"it did not end as a command should: {ended}"
    if ended.code > 0 and not (ended.out + ended.err).strip():
        return f"it failed without a message: {ended}"
    # A failure that the command could do without leaves it complete.
    complete = scenario.once and ended.code == 0
    again = ended if complete else commands.run(scenario.command(city))
    if again.code != 0:
        return f"it ended with {ended}, and the next one did not end well: {again}"
    lines = differences(scenario.content(city, commands), wanted)
    lines += [f"batch {batch}: rows that are in no count" for batch in unaccounted(city.lake)]
    return "\n".join(lines)
