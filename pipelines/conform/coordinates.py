"""Pairs of coordinates: one frame for all, and no half pair."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from pipelines.conform.bound import Bound
from pipelines.conform.frames import convert
from pipelines.conform.rows import Rows
from quality.rules.row_rule import RowRule
from schemas.binding import Frame


def to_one_frame(frame: Rows, bounds: Sequence[Bound]) -> Rows:
    """Convert every pair whose binding names a frame to WGS-84."""
    for longitude, latitude in pairs(bounds):
        frame = convert(frame, longitude.column, latitude.column, frame_of(longitude, latitude))
    return frame


def frame_of(longitude: Bound, latitude: Bound) -> Frame:
    """The frame that a pair is in."""
    return longitude.binding.frame or latitude.binding.frame or "WGS-84"


def half_pairs(bounds: Sequence[Bound]) -> list[RowRule]:
    """PAIR_INCOMPLETE where one coordinate of a pair has a value and the other has none."""
    return [
        RowRule(
            "PAIR_INCOMPLETE", x.column, pl.col(x.column).is_null() != pl.col(y.column).is_null(), detail_text=y.column
        )
        for x, y in pairs(bounds)
    ]


def pairs(bounds: Sequence[Bound]) -> list[tuple[Bound, Bound]]:
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
