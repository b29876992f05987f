"""The categories in the good rows of a batch, collected while they are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from citylake.pipelines.conform.bind.bound_column import BoundColumn
from citylake.pipelines.conform.rows.typed_column import TypedColumn
from citylake.quality.drift.category_drift import MAX_CATEGORIES
from citylake.schemas.model.element import is_categorical


def category_columns(bounds: Sequence[BoundColumn]) -> dict[str, bool]:
    """The category columns of a contract, and whether each holds lists of categories."""
    return {bound.column: bool(bound.binding.separator) for bound in bounds if is_categorical(bound.element)}


@dataclass(slots=True)
class CategoryCollector:
    """``columns`` as returned by :func:`category_columns`. A column with too many values is no longer collected."""

    columns: Mapping[str, bool]
    values: dict[str, set[str]] = field(default_factory=dict)
    """By column; lists are still one text."""
    given_up: set[str] = field(default_factory=set)
    """Columns with too many values to be categories."""

    def add(self, columns: Mapping[str, TypedColumn], rows: np.ndarray) -> None:
        """Add the chosen rows of a block; only texts that are not known yet are searched."""
        for name in self.columns:
            if name in self.given_up:
                continue
            met, column = self.values.setdefault(name, set()), columns[name]
            fresh = {place: text for place, text in enumerate(column.values.to_pylist()) if text and text not in met}
            if fresh:
                present = np.bincount(column.at[rows], minlength=len(column.values))
                met |= {text for place, text in fresh.items() if present[place]}
            if len(met) > MAX_CATEGORIES:
                self.given_up.add(name)
                met.clear()


def merge_categories(every: Iterable[CategoryCollector]) -> dict[str, tuple[str, ...]]:
    """The categories of all workers, by column, sorted, lists split; without columns that any of them gave up."""
    found: dict[str, set[str]] = {}
    given_up: set[str] = set()
    for had in every:
        given_up |= had.given_up
        for name, values in had.values.items():
            parts = {part for text in values for part in text.split(",")} if had.columns[name] else values
            found.setdefault(name, set()).update(parts)
    return {name: tuple(sorted(values)) for name, values in found.items() if name not in given_up and values}
