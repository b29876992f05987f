"""How much of what has many cases a run of the tests asks: a spread of them, or with ``make test-thorough`` all."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
VARIABLE = "CITYLAKE_TEST_THOROUGH"
THOROUGH = os.environ.get(VARIABLE) == "1"


def spread(cases: Sequence[T], count: int) -> list[T]:
    """Return ``count`` of ``cases``, evenly over their order: the same in every process. Thorough: all of them."""
    if THOROUGH or count >= len(cases):
        return list(cases)
    return [cases[number * len(cases) // count] for number in range(count)]


def examples(count: int, thorough: int) -> int:
    """Return how many random examples a property is asked for: ``count``, or ``thorough``."""
    return thorough if THOROUGH else count
