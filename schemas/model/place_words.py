"""Words of a binding about places: frames, and the order of two coordinates in one field."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from citylake.schemas.base.declaration import Declaration

CoordinateSystem = Annotated[str, Field(pattern=r"^(WGS-84|GCJ-02|BD-09|CGCS2000|(EPSG|ESRI|OGC):\w+)$")]
"""WGS-84, the frames of Chinese maps, or a reference system by its authority's code: ``EPSG:27700``."""
PointOrder = Literal["lat,lon", "lon,lat"]
CHINESE_FRAMES = ("GCJ-02", "BD-09")
"""Frames of Chinese maps, whose formulas are in :mod:`citylake.pipelines.conform.bind.coordinate_frames`."""
_DEGREES = ("WGS-84", "CGCS2000", "EPSG:4326", "OGC:CRS84", "EPSG:4490")
"""Frames whose coordinates are used as they are, longitude and latitude in degrees."""


class FrameFrom(Declaration):
    """The frame of a geometry that each row names itself, in the field ``from``: ``geometry.crs``."""

    field: str = Field(alias="from")


def moves_coordinates(frame: str | FrameFrom | None) -> bool:
    """Whether coordinates in ``frame`` are others in WGS-84, so that both of a pair are needed."""
    return isinstance(frame, FrameFrom) or (frame is not None and frame not in _DEGREES)
