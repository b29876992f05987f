"""Pairs of coordinates: all in one frame, none incomplete, and none where no place can be."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from citylake.pipelines.conform.bind.bound_column import BoundColumn
from citylake.pipelines.conform.bind.coordinate_frames import convert_to_wgs84
from citylake.pipelines.conform.bind.frame_types import FrameT
from citylake.pipelines.conform.bind.projected_frames import project_to_wgs84
from citylake.quality.rules.row_rule import RowRule
from citylake.schemas.model.place_box import PlaceBox
from citylake.schemas.model.place_words import CHINESE_FRAMES, moves_coordinates

CoordinatePair = tuple[BoundColumn, BoundColumn]


def convert_pairs(frame: FrameT, bounds: Sequence[BoundColumn]) -> FrameT:
    """Convert every pair whose binding names a frame to WGS-84."""
    for longitude, latitude in coordinate_pairs(bounds):
        own, x, y = pair_frame(longitude, latitude), longitude.column, latitude.column
        if own in CHINESE_FRAMES:
            frame = convert_to_wgs84(frame, x, y, own)
        elif moves_coordinates(own):
            frame = project_to_wgs84(frame, x, y, own)
    return frame


def pair_frame(longitude: BoundColumn, latitude: BoundColumn) -> str:
    """The coordinate frame of a pair."""
    return str(longitude.binding.frame or latitude.binding.frame or "WGS-84")


def pair_rules(bounds: Sequence[BoundColumn], box: PlaceBox | None) -> list[RowRule]:
    """The rules over both coordinates of each pair, and over the points within geometries.

    PAIR_INCOMPLETE if only one has a value, PLACE_ZERO for 0, 0. Outside ``box``: PLACE_SWAPPED if the two would lie in
    it the other way round, else the warning PLACE_OUTSIDE_BOUNDS.
    """
    rules = [
        RowRule(
            "PAIR_INCOMPLETE",
            x.column,
            pl.col(x.column).is_null() != pl.col(y.column).is_null(),
            detail_text=y.column,
            over=(x.column, y.column),
        )
        for x, y in coordinate_pairs(bounds)
    ]
    for x, y in coordinate_pairs(bounds) or _only_pair(bounds):
        over = (x.column, y.column)
        lon, lat = pl.col(x.column), pl.col(y.column)
        rules.append(RowRule("PLACE_ZERO", x.column, (lon == 0) & (lat == 0), detail_text=y.column, over=over))
        rules += _box_rules(over, over, box)
    for bound in (bound for bound in bounds if bound.element.type == "geometry"):
        names = (f"{bound.column}_point_longitude_deg", f"{bound.column}_point_latitude_deg")
        rules += _box_rules((bound.column,), names, box)
    return rules


def _box_rules(over: tuple[str, ...], place: tuple[str, str], box: PlaceBox | None) -> list[RowRule]:
    if box is None:
        return []
    (west, south, east, north), (lon, lat) = box, map(pl.col, place)
    outside = ~(lon.is_between(west, east) & lat.is_between(south, north))
    swapped = lat.is_between(west, east) & lon.is_between(south, north)
    words = f"[{west:g}, {south:g}, {east:g}, {north:g}]"
    return [
        RowRule("PLACE_SWAPPED", over[0], outside & swapped, detail_text=words, over=over),
        RowRule("PLACE_OUTSIDE_BOUNDS", over[0], outside & ~swapped, severity="warning", detail_text=words, over=over),
    ]


def coordinate_pairs(bounds: Sequence[BoundColumn]) -> list[CoordinatePair]:
    """(longitude, latitude) for each binding that names its other half, or shares the field of a ``point`` with it."""
    by_field = {bound.fields[0]: bound for bound in bounds if len(bound.fields) == 1}
    found = {}
    for bound in bounds:
        other = _point_partner(bound, bounds) if bound.binding.point else by_field.get(bound.binding.pair or "")
        if other is not None:
            pair = (bound, other) if is_longitude(bound) else (other, bound)
            found[pair[0].column] = pair
    return list(found.values())


def _point_partner(bound: BoundColumn, bounds: Sequence[BoundColumn]) -> BoundColumn | None:
    others = (each for each in bounds if each.binding.point and each.fields == bound.fields)
    return next((each for each in others if is_longitude(each) != is_longitude(bound)), None)


def _only_pair(bounds: Sequence[BoundColumn]) -> list[CoordinatePair]:
    """The one longitude and the one latitude of a contract that does not say that they are a pair."""
    longitudes = [bound for bound in bounds if is_longitude(bound)]
    latitudes = [bound for bound in bounds if is_latitude(bound)]
    return [(longitudes[0], latitudes[0])] if len(longitudes) == len(latitudes) == 1 else []


def is_longitude(bound: BoundColumn) -> bool:
    """Whether the column is a longitude, or an easting before it is converted."""
    return "longitude" in bound.element.symbol


def is_latitude(bound: BoundColumn) -> bool:
    """Whether the column is a latitude, or a northing before it is converted."""
    return "latitude" in bound.element.symbol
