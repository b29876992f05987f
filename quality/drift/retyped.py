"""Columns most of whose values in one receipt could not be read: their type, or the way they are written, changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

UNREADABLE = ("VALUE_UNREADABLE", "TIME_UNREADABLE")
"""Issue types of values that are not of their element's type."""
SHARE = 0.5
"""Share of a column's values in a receipt above which it was retyped; below, they are dirt, row by row."""
WORTH_A_LOOK = 0.01
"""Share of a receipt's rows from which it is asked how many values the column has in all."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A column in one receipt: how many values could not be read, how many could, and one that could not."""

    column: str
    receipt: str
    unreadable: int
    readable: int
    example: str | None = None

    @property
    def share(self) -> float:
        """The share of values that could not be read."""
        return self.unreadable / max(self.unreadable + self.readable, 1)


def retyped(counts: Iterable[Unread]) -> dict[str, list[Unread]]:
    """The columns that were retyped, each with the receipts where it shows, the worst first."""
    found: dict[str, list[Unread]] = {}
    for count in sorted(counts, key=lambda count: (-count.share, count.receipt)):
        if count.share > SHARE:
            found.setdefault(count.column, []).append(count)
    return found
