"""How a value, or the choice of rows, comes from a column: in OpenLineage's words, so that nothing is translated."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

How = Literal[
    "IDENTITY", "TRANSFORMATION", "AGGREGATION", "JOIN", "GROUP_BY", "FILTER", "SORT", "WINDOW", "CONDITIONAL",
]  # fmt: skip
"""The first three: the value is made from it. The others: it decides which value, or which rows, there are."""

DIRECT: tuple[How, ...] = ("IDENTITY", "TRANSFORMATION", "AGGREGATION")
"""What makes a value, from what changes it least to what changes it most."""


def then(first: How, second: How) -> How:
    """How the source of a source comes into a value: the furthest from the same value of both."""
    if second not in DIRECT:
        return second
    return first if first not in DIRECT else DIRECT[max(DIRECT.index(first), DIRECT.index(second))]


def direct(hows: Iterable[How]) -> bool:
    """Whether the value itself comes from there, in one way at least."""
    return any(how in DIRECT for how in hows)
