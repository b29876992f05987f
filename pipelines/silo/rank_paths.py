"""Which of the measured paths is the right one: names of things before times, one partner before many."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from citylake.pipelines.silo.join_figures import JoinFigures
from citylake.pipelines.silo.join_path import JoinPath, PathKind

_TRUST: dict[PathKind, float] = {
    "direct": 1.0,
    "period": 1.0,
    "place_time": 0.98,
    "register": 0.8,
    "nearest": 0.4,
    "date": 0.3,
}
"""How much a match by such a path means, beside a match by the names of things."""
_BY_CHANCE: Final = 0.4
"""How much a path means that has no whole key: that a row has one partner may be chance."""


@dataclass(frozen=True, slots=True)
class MeasuredPath:
    """A path with its figures."""

    path: JoinPath
    figures: JoinFigures

    @property
    def rank(self) -> tuple[float, ...]:
        """The greater, the better: a path on which nothing meets is last, then those that pair many with many."""
        figures, path = self.figures, self.path
        worth = figures.coverage * _TRUST[path.kind] * (1.0 if path.names_entry else _BY_CHANCE)
        if figures.coverage == 0.0:
            return (0.0, float(path.declared), _TRUST[path.kind])
        if not figures.unique:
            return (1.0, worth / min(figures.left.fan_out, figures.right.fan_out), float(path.declared))
        # Paths that cover the same to a hundredth differ in their columns by chance only: the declared one is meant.
        return (2.0, round(worth, 2), float(path.declared), worth, -float(len(path.pairs)))


def rank_paths(measured: Iterable[MeasuredPath]) -> list[MeasuredPath]:
    """Return the paths, the best first; equal ones in the order of their columns."""
    ordered = sorted(measured, key=lambda each: (each.path.columns, each.path.kind))
    return sorted(ordered, key=lambda each: each.rank, reverse=True)
