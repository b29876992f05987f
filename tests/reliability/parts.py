"""What is tried, by name: each part counts for itself how often it did harm, and how often something was wrong."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.faults.at_once.reader_rounds import TornVersionError, run_reader_rounds
from tests.faults.at_once.rounds import GROUPS, RunsAtOnce, RunsDifferError
from tests.faults.flipped_bits import count_bit_flips_found
from tests.faults.kill_points.rounds import RoundFailedError, run_rounds
from tests.faults.kill_points.scenarios import SCENARIOS
from tests.faults.power_cut.cut_run import recording_layer
from tests.faults.power_cut.test_power_cut import City, disturbed
from tests.fuzz.campaign import try_readers
from tests.fuzz.seeds import seeds
from tests.reliability.figures import Figure, Part


def kill_and_fail(rounds: int, seed: int, folder: Path) -> Iterable[Figure]:
    """Kills and failed writes in runs, replays, upkeep, backups and restores; the rounds are shared among them."""
    done, wrong = Counter[str](), list[str]()
    for number, scenario in enumerate(SCENARIOS):
        share = rounds // len(SCENARIOS) + (number < rounds % len(SCENARIOS))
        place = folder / scenario
        place.mkdir()
        try:
            done.update(run_rounds(scenario, share, seed, place) if share else {})
        except RoundFailedError as error:
            wrong.append(str(error))
        shutil.rmtree(place)
    where = "in a run, a replay, an upkeep, a backup or a restore"
    return [
        Figure("kills", f"process killed {where}", done["kills"], len(wrong), tuple(wrong)),
        Figure("kills", f"write failed (ENOSPC, EIO) {where}", done["failed_writes"], 0),
    ]


def cut_power(rounds: int, seed: int, folder: Path) -> Iterator[Figure]:
    """Power cuts in a first run, a later run and an upkeep, in turn; then the next run completes the lake."""
    wrong = list[str]()
    with recording_layer(folder) as layer:
        city = City(folder, layer)
        names = list(city.changes)
        for number in range(rounds):
            name = names[number % len(names)]
            chance = random.Random(f"{name} {seed} {number}")
            cut = city.start(name, f"cut {number}")
            if told := disturbed(city, name, cut, city.moment(name, chance), chance):
                wrong.append(f"{name}, seed {seed}, round {number}: {told}")
            shutil.rmtree(cut.lake.parent)
    yield Figure(
        "power-cuts", "power cut in a run or an upkeep, unsynced writes lost", rounds, len(wrong), tuple(wrong)
    )


def flip_bits(rounds: int, seed: int, folder: Path) -> Iterator[Figure]:
    """Bits flipped in files of a lake; ``citylake verify --deep`` must name the file."""
    with recording_layer(folder) as layer:
        before = City(folder, layer).before
    _, missed, _ = count_bit_flips_found(before, rounds, seed)
    what = "bit flipped in a file, found and named by `citylake verify --deep`"
    yield Figure("bit-flips", what, rounds, len(missed), tuple(missed))


def try_bytes(rounds: int, seed: int, _folder: Path) -> Iterator[Figure]:
    """Damaged inputs for every reader; a fault is another exception, an abort, a hang, or memory past its bound."""
    report = try_readers(tuple(seeds()), rounds, seed)
    wrong = tuple(f"{each.name}: {each.why}" for each in report.faults)
    what = f"damaged input given to one of {len(seeds())} readers"
    yield Figure("inputs", what, report.tried.total(), len(wrong), wrong)


def read_marts(rounds: int, _seed: int, folder: Path) -> Iterable[Figure]:
    """Publishes with a reader and upkeep beside them; every version that is seen must be whole."""
    try:
        found, wrong = run_reader_rounds(rounds, folder), list[str]()
    except TornVersionError as error:
        found, wrong = {}, [str(error)]
    reads = found.get("mart_rounds", 0) + found.get("table_rounds", 0)
    return [
        Figure("readers", "version published beside a reader and upkeep", rounds, 0),
        Figure("readers", "mart or standard table read meanwhile", reads, len(wrong), tuple(wrong)),
    ]


def run_at_once(rounds: int, _seed: int, folder: Path) -> Iterable[Figure]:
    """Two, four and eight runs at once, on one dataset or each on its own, and beside upkeep and backup."""
    runs, done, wrong = RunsAtOnce(folder), 0, list[str]()
    try:
        for number, group in enumerate(GROUPS):
            try:
                share = rounds // len(GROUPS) + (number < rounds % len(GROUPS))
                done += runs.run_rounds(group, share)["concurrent_runs"]
            except RunsDifferError as error:
                wrong.append(str(error))
    finally:
        runs.close()
    what = "run at once with others (2, 4, 8), with upkeep or with a backup"
    return [Figure("at-once", what, done, len(wrong), tuple(wrong))]


PARTS: dict[str, Part] = {
    "kills": kill_and_fail,
    "power-cuts": cut_power,
    "bit-flips": flip_bits,
    "at-once": run_at_once,
    "readers": read_marts,
    "inputs": try_bytes,
}
"""Every part by the name that ``--part`` takes."""
