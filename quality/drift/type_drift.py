"""Columns most of whose values in one receipt could not be read: their type, or the way they are written, changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

UNREADABLE_CODES = ("VALUE_UNREADABLE", "TIME_UNREADABLE")
"""Issue types of values that are not of their element's type."""
RETYPED_SHARE = 0.5
"""Share of a column's values in a receipt above which it was retyped; below, they are dirt, row by row."""
MIN_UNREADABLE_SHARE = 0.01
"""Share of a receipt's rows from which it is asked how many values the column has in all."""


@dataclass(frozen=True, slots=True)
class UnreadableCount:
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


def find_type_drift(counts: Iterable[UnreadableCount]) -> dict[str, list[UnreadableCount]]:
    """The columns that were retyped, each with the receipts where it shows, the worst first."""
    found: dict[str, list[UnreadableCount]] = {}
    for count in sorted(counts, key=lambda count: (-count.share, count.receipt)):
        if count.share > RETYPED_SHARE:
            found.setdefault(count.column, []).append(count)
    return found
