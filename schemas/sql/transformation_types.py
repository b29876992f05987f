"""How a value, or the choice of rows, comes from a column: in OpenLineage's words, so that nothing is translated."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

TransformationType = Literal[
    "IDENTITY", "TRANSFORMATION", "AGGREGATION", "JOIN", "GROUP_BY", "FILTER", "SORT", "WINDOW", "CONDITIONAL",
]  # fmt: skip
"""The first three: the value is made from it. The others: it decides which value, or which rows, there are."""

DIRECT_TYPES: tuple[TransformationType, ...] = ("IDENTITY", "TRANSFORMATION", "AGGREGATION")
"""What makes a value, from what changes it least to what changes it most."""


def chain_transformations(first: TransformationType, second: TransformationType) -> TransformationType:
    """How the source of a source comes into a value: the furthest from the same value of both."""
    if second not in DIRECT_TYPES:
        return second
    return (
        first if first not in DIRECT_TYPES else DIRECT_TYPES[max(DIRECT_TYPES.index(first), DIRECT_TYPES.index(second))]
    )


def is_direct(hows: Iterable[TransformationType]) -> bool:
    """Whether the value itself comes from there, in one way at least."""
    return any(how in DIRECT_TYPES for how in hows)
