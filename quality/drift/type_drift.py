"""Type drift: columns for which most values of one receipt could not be parsed, because type or format changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

UNREADABLE_CODES = (
    "VALUE_UNREADABLE",
    "TIME_UNREADABLE",
    "EPOCH_IMPLAUSIBLE",
    "NUMBER_AMBIGUOUS",
    "NUMBER_STYLE_WRONG",
)
"""Issue types of values that cannot be parsed as their element's type."""
RETYPED_SHARE = 0.5
"""Share of unreadable values in a receipt above which the column counts as retyped; up to it, rows are faulty."""
MIN_UNREADABLE_SHARE = 0.01
"""Share of unreadable rows in a receipt from which the column's values are counted at all."""


@dataclass(frozen=True, slots=True)
class UnreadableCount:
    """Values of a column in one receipt: unreadable, readable, and an example of an unreadable one."""

    column: str
    receipt: str
    unreadable: int
    readable: int
    example: str | None = None

    @property
    def share(self) -> float:
        """The share of unreadable values, from 0 to 1."""
        return self.unreadable / max(self.unreadable + self.readable, 1)


def find_type_drift(counts: Iterable[UnreadableCount]) -> dict[str, list[UnreadableCount]]:
    """Return the retyped columns, each with the receipts in question, highest share of unreadable values first."""
    found: dict[str, list[UnreadableCount]] = {}
    for count in sorted(counts, key=lambda count: (-count.share, count.receipt)):
        if count.share > RETYPED_SHARE:
            found.setdefault(count.column, []).append(count)
    return found
