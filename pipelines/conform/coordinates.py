"""Pairs of coordinates: one frame for all, and no half pair."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from pipelines.conform.bound import Bound
from pipelines.conform.frames import convert
from quality.rules.row_rule import RowRule


def to_one_frame(frame: pl.LazyFrame, bounds: Sequence[Bound]) -> tuple[pl.LazyFrame, list[RowRule]]:
    """Convert every pair whose binding names a frame to WGS-84; half a pair breaks PAIR_INCOMPLETE."""
    rules = []
    for longitude, latitude in _pairs(bounds):
        x, y = longitude.column, latitude.column
        half = pl.col(x).is_null() != pl.col(y).is_null()
        rules.append(RowRule("PAIR_INCOMPLETE", x, half, detail_text=y))
        frame = convert(frame, x, y, longitude.binding.frame or latitude.binding.frame or "WGS-84")
    return frame, rules


def _pairs(bounds: Sequence[Bound]) -> list[tuple[Bound, Bound]]:
    """(longitude, latitude) for each binding that names its other half."""
    by_field = {bound.fields[0]: bound for bound in bounds if len(bound.fields) == 1}
    found = {}
    for bound in bounds:
        other = by_field.get(bound.binding.pair or "")
        if other is not None:
            pair = (bound, other) if _is_longitude(bound) else (other, bound)
            found[pair[0].column] = pair
    return list(found.values())


def _is_longitude(bound: Bound) -> bool:
    return "longitude" in bound.element.symbol
