"""Which pairs of a matrix a usual run asks: each row with a few columns, and each column with a few rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from tests import thorough

Row = TypeVar("Row")
Column = TypeVar("Column")


def rotated(rows: Iterable[Row], columns: Iterable[Column], each: int = 1) -> list[tuple[Row, Column]]:
    """Return ``each`` columns for a row, one further on for every next row. Thorough: the whole matrix.

    Raises ValueError if there are too few rows for every column to have its turn.
    """
    across, down = list(columns), list(rows)
    step = max(1, len(across) // each)
    if thorough.THOROUGH or each >= len(across):
        return [(row, column) for row in down for column in across]
    chosen = {(row, (row + step * turn) % len(across)) for row in range(len(down)) for turn in range(each)}
    if len({column for _, column in chosen}) < len(across):
        raise ValueError("some column has no row")
    return [(down[row], across[column]) for row, column in sorted(chosen)]
