"""``python -m benchmarks.address``: the school addresses of Hangzhou, located with each gazetteer."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import CalledProcessError, run

from benchmarks.address import hangzhou
from benchmarks.address.hangzhou import CITY, DAY, School
from benchmarks.measure.program import ROOT
from benchmarks.peers.environment import interpreter
from citylake.pipelines.address.gazetteer import Gazetteer
from citylake.pipelines.address.locate_address import AddressLocator

GAZETTEERS: dict[str, Callable[[School, list[School]], Gazetteer]] = {
    "no gazetteer": lambda _, __: Gazetteer(),
    "the names of the other schools": hangzhou.of_others,
    "the city's streets": lambda _, __: hangzhou.city_streets(),
}


@dataclass(frozen=True, slots=True)
class Located:
    """How many addresses have their right division, a wrong one, several possible ones, or none."""

    right: int
    wrong: int
    ambiguous: int
    unknown: int
    not_right: tuple[str, ...]


def measure(data: Path, gazetteer: Callable[[School, list[School]], Gazetteer]) -> Located:
    """All schools of ``data`` on one day, with the gazetteer that each is given."""
    known, divisions = hangzhou.schools(data), hangzhou.register(data)
    states: list[str] = []
    for school in known:
        found = AddressLocator(divisions, gazetteer(school, known), CITY).locate(school.address, DAY)
        states.append(("right" if found.code in school.districts else "wrong") if found.code else found.state)
    return counted(known, states)


def counted(known: Iterable[School], states: Sequence[str]) -> Located:
    """The states of the schools, each ``right``, ``wrong``, ``ambiguous`` or ``unknown``."""
    pairs = zip(known, states, strict=True)
    missed = tuple(f"{state}: {school.address}" for school, state in pairs if state != "right")
    return Located(
        right=states.count("right"),
        wrong=states.count("wrong"),
        ambiguous=states.count("ambiguous"),
        unknown=states.count("unknown"),
        not_right=missed,
    )


def peer_state(school: School, answer: Mapping[str, str | None]) -> str:
    """The peer's answer, judged in the same way."""
    if code := answer["county"]:
        return "right" if code[:6] in school.districts else "wrong"
    return "ambiguous" if answer["status"] == "ambiguous" else "unknown"


def peer(data: Path, work: Path) -> Located | None:
    """What the peer says of the same addresses; None if it cannot be installed here."""
    known = hangzhou.schools(data)
    try:
        own = interpreter("quhua", work / "peers")
    except CalledProcessError as error:
        print(f"quhua-mcp is left out: {error}", file=sys.stderr)
        return None
    given = json.dumps([school.address for school in known])
    said = run(
        (str(own), "-m", "benchmarks.peers.quhua"), cwd=ROOT, input=given, check=True, capture_output=True, text=True
    )
    return counted(known, [peer_state(*pair) for pair in zip(known, json.loads(said.stdout), strict=True)])


def main() -> None:
    """Print a table, and the addresses that are not right with the city's streets."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.address", description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--peers", action="store_true", help="quhua-mcp beside it, in an environment of its own")
    parser.add_argument("--work", type=Path, default=ROOT / "build")
    asked = parser.parse_args()
    found = {f"citylake, {name}": measure(asked.data, gazetteer) for name, gazetteer in GAZETTEERS.items()}
    missed = list(found.values())[-1].not_right
    if asked.peers and (beside := peer(asked.data, asked.work)):
        found["quhua-mcp"] = beside
    print("| method, gazetteer | right | wrong | ambiguous | unknown |\n| --- | ---: | ---: | ---: | ---: |")
    for name, each in found.items():
        print(f"| {name} | {each.right} | {each.wrong} | {each.ambiguous} | {each.unknown} |")
    print("\n".join(missed))


if __name__ == "__main__":
    main()
