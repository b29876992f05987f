"""What was tried and what went wrong, kept between runs, and written to the page as a table."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/reliability.md"
KEPT = ROOT / "build/reliability.json"
BEGIN, END = "<!-- figures: make reliability -->\n", "<!-- end of figures -->\n"


@dataclass(frozen=True, slots=True)
class Figure:
    """``tried``: how often it was done; ``wrong``: how often something was lost, or between before and after."""

    part: str
    what: str
    tried: int
    wrong: int
    found: tuple[str, ...] = ()
    """What was wrong, for the person who fixes it."""


Part = Callable[[int, int, Path], Iterable[Figure]]
"""``part(rounds, seed, folder)`` tries ``rounds`` times, in an empty folder; the same seed tries the same."""


def add_figures(figures: Iterable[Figure]) -> list[Figure]:
    """Add to what earlier runs counted; returns the sums."""
    kept = {figure.what: figure for figure in read_figures()}
    for new in figures:
        old = kept.get(new.what, replace(new, tried=0, wrong=0, found=()))
        kept[new.what] = replace(
            new, tried=old.tried + new.tried, wrong=old.wrong + new.wrong, found=(*old.found, *new.found)
        )
    KEPT.parent.mkdir(exist_ok=True)
    KEPT.write_text(json.dumps([asdict(each) for each in kept.values()], indent=1) + "\n", "utf-8")
    return list(kept.values())


def read_figures() -> list[Figure]:
    """The sums of earlier runs."""
    if not KEPT.exists():
        return []
    return [Figure(**{**each, "found": tuple(each["found"])}) for each in json.loads(KEPT.read_text("utf-8"))]


def write_table(figures: Iterable[Figure], commands: Mapping[str, str]) -> None:
    """Replace the table of the page; ``commands``: how more is tried, by part."""
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    lines = [
        "| what was done | times | lost, or between before and after | more of it |",
        "| --- | ---: | ---: | --- |",
    ]
    lines += [f"| {each.what} | {each.tried:,} | {each.wrong:,} | `{commands[each.part]}` |" for each in figures]
    PAGE.write_text(before + BEGIN + "\n".join(lines) + "\n" + END + after, "utf-8")
