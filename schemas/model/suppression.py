"""``suppress`` of a mart's table: which counts are hidden when they are small, and what they add up to."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from citylake.schemas.base.declaration import ColumnName, Declaration

FLAG_SUFFIX = "_suppressed"
"""Ends the name of the column that says whether a count is hidden."""


class Suppression(Declaration):
    """Counts from 1 to below ``threshold`` are hidden, and as many others as keep them from being computed.

    ``columns``: the counts. ``over``: the columns of the grain over which they add up. ``totals``: column of ``over`` →
    the code of its total, if the table has rows of totals. ``level_of``: the table of the same mart whose rows add up
    to these. ``also``: columns that are hidden in every row with a hidden count, because they are computed from it.
    ``keep``: columns that say nothing about a count. ``part_of``: count → the count of the same row that contains it.
    ``zeros``: whether zeros are shown, or hidden as small counts are.
    """

    columns: tuple[ColumnName, ...] = Field(min_length=1)
    threshold: int = Field(ge=2)
    over: tuple[ColumnName, ...] = Field(min_length=1)
    totals: dict[ColumnName, str] = {}
    level_of: ColumnName | None = None
    also: tuple[ColumnName, ...] = ()
    keep: tuple[ColumnName, ...] = ()
    part_of: dict[ColumnName, ColumnName] = {}
    zeros: Literal["shown", "hidden"] = "shown"

    def is_small(self, value: int) -> bool:
        """Return whether a count of ``value`` is hidden for its own sake."""
        return value < self.threshold and (value > 0 or self.zeros == "hidden")


def flag_column(column: str) -> str:
    """Return the name of the column that says whether ``column`` is hidden."""
    return f"{column}{FLAG_SUFFIX}"
