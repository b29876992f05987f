"""Pairs of coordinates: all in one frame, and none incomplete."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from citylake.pipelines.conform.bind.bound_column import BoundColumn
from citylake.pipelines.conform.bind.coordinate_frames import convert_to_wgs84
from citylake.pipelines.conform.bind.frame_types import FrameT
from citylake.quality.rules.row_rule import RowRule
from citylake.schemas.model.binding import CoordinateSystem


def convert_pairs(frame: FrameT, bounds: Sequence[BoundColumn]) -> FrameT:
    """Convert every pair whose binding names a frame to WGS-84."""
    for longitude, latitude in coordinate_pairs(bounds):
        frame = convert_to_wgs84(frame, longitude.column, latitude.column, pair_frame(longitude, latitude))
    return frame


def pair_frame(longitude: BoundColumn, latitude: BoundColumn) -> CoordinateSystem:
    """The coordinate frame of a pair."""
    return longitude.binding.frame or latitude.binding.frame or "WGS-84"


def incomplete_pair_rules(bounds: Sequence[BoundColumn]) -> list[RowRule]:
    """PAIR_INCOMPLETE if one coordinate of a pair has a value and the other has none."""
    return [
        RowRule(
            "PAIR_INCOMPLETE",
            x.column,
            pl.col(x.column).is_null() != pl.col(y.column).is_null(),
            detail_text=y.column,
            over=(x.column, y.column),
        )
        for x, y in coordinate_pairs(bounds)
    ]


def coordinate_pairs(bounds: Sequence[BoundColumn]) -> list[tuple[BoundColumn, BoundColumn]]:
    """(longitude, latitude) for each binding that names its other half."""
    by_field = {bound.fields[0]: bound for bound in bounds if len(bound.fields) == 1}
    found = {}
    for bound in bounds:
        other = by_field.get(bound.binding.pair or "")
        if other is not None:
            pair = (bound, other) if _is_longitude(bound) else (other, bound)
            found[pair[0].column] = pair
    return list(found.values())


def _is_longitude(bound: BoundColumn) -> bool:
    return "longitude" in bound.element.symbol
