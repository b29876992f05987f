"""How a value or the choice of rows depends on a column, in the terms of OpenLineage."""

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
    """The transformation of two in sequence: the one of the two that changes the value more."""
    if second not in DIRECT_TYPES:
        return second
    return (
        first if first not in DIRECT_TYPES else DIRECT_TYPES[max(DIRECT_TYPES.index(first), DIRECT_TYPES.index(second))]
    )


def is_direct(hows: Iterable[TransformationType]) -> bool:
    """Whether at least one of them passes the value itself on."""
    return any(how in DIRECT_TYPES for how in hows)
