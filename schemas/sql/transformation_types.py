"""How a value or the choice of rows depends on a column, in the terms of OpenLineage."""

from __future__ import annotations

from typing import Literal

TransformationType = Literal[
    "IDENTITY", "TRANSFORMATION", "AGGREGATION", "JOIN", "GROUP_BY", "FILTER", "SORT", "WINDOW", "CONDITIONAL",
]  # fmt: skip
"""The first three: the value is computed from the column. The others: the column determines which value or row."""

DIRECT_TYPES: tuple[TransformationType, ...] = ("IDENTITY", "TRANSFORMATION", "AGGREGATION")
"""Transformations of a value, from the least change to the greatest."""


def chain_transformations(first: TransformationType, second: TransformationType) -> TransformationType:
    """The transformation of two in sequence: the one of the two that changes the value more."""
    if second not in DIRECT_TYPES:
        return second
    return (
        first if first not in DIRECT_TYPES else DIRECT_TYPES[max(DIRECT_TYPES.index(first), DIRECT_TYPES.index(second))]
    )
