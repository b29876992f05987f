"""Values that are written as intervals: ``10-20`` and ``≥ 5``, into ``<column>_min`` and ``<column>_max``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import polars as pl

from citylake.pipelines.conform.bind.bound_column import BoundColumn
from citylake.pipelines.conform.bind.frame_types import FrameT
from citylake.pipelines.conform.bind.typed_values import value_expr
from citylake.quality.rules.element_rules import element_rules
from citylake.quality.rules.row_rule import RowRule

_NUMBER = r"[+\-−]?[0-9][0-9.,']*"
_BETWEEN = rf"^({_NUMBER})\s*(?:-|–|—|~|～|至|到|to|\.\.)\s*({_NUMBER})$"
_AT_LEAST, _AT_MOST = r"^(?:≥|>=)\s*(.+)$", r"^(?:≤|<=)\s*(.+)$"


def add_intervals(frame: FrameT, bounds: Sequence[BoundColumn]) -> FrameT:
    """Add the limits of every column with ``interval``; a single number is both, a reversed interval has none."""
    for bound in (bound for bound in bounds if bound.binding.interval):
        low, high = interval_limits(bound)
        text = pl.col(bound.text)
        alone = pl.when(~text.str.contains(_BETWEEN) & ~text.str.contains("^[≥≤<>]")).then(text)
        frame = frame.with_columns(
            pl.coalesce(text.str.extract(_BETWEEN, 1), text.str.extract(_AT_LEAST), alone).alias(low.text),
            pl.coalesce(text.str.extract(_BETWEEN, 2), text.str.extract(_AT_MOST), alone).alias(high.text),
        ).with_columns(value_expr(low), value_expr(high))
        good = (
            ~(pl.col(low.column) > pl.col(high.column)) | pl.col(low.column).is_null() | pl.col(high.column).is_null()
        )
        whole = text.str.contains(_BETWEEN).not_() | pl.all_horizontal(pl.col(low.column, high.column).is_not_null())
        frame = frame.with_columns(pl.when(good & whole).then(name).alias(name) for name in (low.column, high.column))
    return frame


def interval_limits(bound: BoundColumn) -> tuple[BoundColumn, BoundColumn]:
    """The columns of both limits, which are read as the column itself."""
    low, high = (replace(bound, column=f"{bound.column}_{side}") for side in ("min", "max"))
    return low, high


def interval_rules(bounds: Sequence[BoundColumn]) -> Iterator[RowRule]:
    """The element's rules for both limits, as reasons of the column."""
    for bound in bounds:
        for limit in interval_limits(bound) if bound.binding.interval else ():
            for rule in element_rules(bound.element, limit.column):
                yield replace(rule, field=bound.column)
