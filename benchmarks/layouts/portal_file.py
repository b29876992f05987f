"""One file in a portal's layout, with the columns and rows that are in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

Cells = tuple[str, ...]
NAMES = ("station", "day", "place", "trips", "value")
PLACES = ("Leipzig", "Córdoba", "North, Upper", 'The "Old" Mill', "Gent", "Åsane", "东城区", "Saint-Denis", "York")


@dataclass(frozen=True)
class PortalFile:
    """What is sent, and what a reader must make of it; ``columns`` is None if the names are for a person to give."""

    body: bytes
    columns: Cells | None
    rows: Sequence[Cells]


Layout = Callable[[Random], PortalFile]


@dataclass(slots=True)
class LayoutList:
    """The layouts by name."""

    found: dict[str, Layout] = field(default_factory=dict)

    def __call__(self, layout: Layout) -> Layout:
        """Register a layout by its function's name."""
        self.found[layout.__name__] = layout
        return layout


LAYOUTS = LayoutList()


def table(rng: Random, *, plain: bool = False, comma: bool = False, rows: int | None = None) -> list[Cells]:
    """Rows of :data:`NAMES`; ``plain``: without delimiters, quotes and letters other than ASCII; ``comma``: 1,5."""
    places = ("Leipzig", "Gent", "York", "Tromso", "Bern") if plain else PLACES
    number = rows or rng.choice((3, 5, 8, 40, 600))
    return [
        (
            f"S{rng.randrange(100, 999)}",
            f"20{rng.randrange(10, 25)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}",
            rng.choice(places),
            str(rng.randrange(5000)),
            f"{rng.uniform(-20, 900):.2f}".replace(".", "," if comma else "."),
        )
        for _ in range(number)
    ]


def text_of(rows: Sequence[Sequence[str]], delimiter: str = ",", *, quoted: bool = False, end: str = "\r\n") -> str:
    """The rows by RFC 4180."""
    out = io.StringIO()
    writer = csv.writer(
        out, delimiter=delimiter, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL, lineterminator=end
    )
    writer.writerows(rows)
    return out.getvalue()


def portal_files(seeds: Sequence[int]) -> Iterator[tuple[str, PortalFile]]:
    """Every layout with every seed."""
    for name, layout in LAYOUTS.found.items():
        for seed in seeds:
            yield f"{name}-{seed}", layout(Random(f"{name} {seed}"))
