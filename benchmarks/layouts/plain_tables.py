"""Plain tables of any content: a header and records, for which a contract needs no words."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from benchmarks.layouts.portal_file import Cells, PortalFile, text_of

_WORDS = (
    "open",
    "closed",
    "Main St",
    "A-12",
    "B 7",
    "n/a",
    "Ünal",
    "东城区",
    "http://x.org/a?b=1",
    "see note 3",
    "O'Neill",
)
_NAMES = (
    "id",
    "Name",
    "2019/20",
    "PM2.5",
    "code 1",
    "Total (%)",
    "日期",
    "x",
    "Value £",
    "no.",
    "Q1 2020",
    "type",
    "1st line",
)
_MAKERS: tuple[Callable[[Random], str], ...] = (
    lambda rng: str(rng.randrange(10 ** rng.randrange(1, 9))),
    lambda rng: f"{rng.uniform(-99, 9999):.{rng.randrange(4)}f}",
    lambda rng: f"{rng.randrange(1, 99)},{rng.randrange(100, 999)}",
    lambda rng: f"{rng.uniform(0, 100):.1f}%",
    lambda rng: f"20{rng.randrange(10, 25)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}",
    lambda rng: f"{rng.randrange(1, 29):02}/{rng.randrange(1, 13):02}/2021 {rng.randrange(24):02}:30",
    lambda rng: f"{rng.randrange(24):02}:{rng.randrange(60):02}:00",
    lambda rng: f"2020 Q{rng.randrange(1, 5)}",
    lambda rng: f"{rng.randrange(1, 29)}-Mar-20",
    lambda rng: rng.choice(_WORDS),
    lambda rng: " ".join(rng.choice(_WORDS) for _ in range(rng.randrange(1, 9))),
    lambda rng: f"{rng.choice('ABC')}{rng.randrange(100, 999)}",
    lambda rng: rng.choice(("yes", "no")),
    lambda rng: "",
    lambda rng: rng.choice(("..", "-", "x", "NULL")),
)


def plain_table(rng: Random) -> PortalFile:
    """One table of random columns, of which some cells are empty."""
    makers = [rng.choice(_MAKERS) for _ in range(rng.randrange(2, 12))]
    makers[rng.randrange(len(makers))] = rng.choice(_MAKERS[:-2])
    names: Cells = tuple(
        f"{rng.choice(_NAMES)} {rng.choice('abcdefgh')}{'z' * number}" for number in range(len(makers))
    )
    gaps = rng.choice((0, 0, 0.1, 0.4))
    count = rng.choice((1, 2, 3, 5, 12, 60, 450))
    rows = [tuple("" if rng.random() < gaps else make(rng) for make in makers) for _ in range(count)]
    rows = [row for row in rows if any(row)] or [tuple("1" for _ in makers)]
    return PortalFile(text_of([names, *rows], rng.choice(",;\t|")).encode(), names, rows)
