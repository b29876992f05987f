"""Checks of what a binding says about places: its frame, and the order of two coordinates in one field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from citylake.schemas.model.binding import Binding
from citylake.schemas.model.element import DataElement
from citylake.schemas.model.place_words import CHINESE_FRAMES, FrameFrom, moves_coordinates
from citylake.schemas.units.crs_transform import is_known_crs

_EXAMPLES = ("EPSG:4326", "EPSG:27700")


def place_setting_faults(binding: Binding, element: DataElement) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """FRAME_UNKNOWN, FRAME_OF_ROW_UNUSED and POINT_UNEXPECTED, each with its key and values."""
    frame = binding.frame
    if isinstance(frame, FrameFrom):
        if element.type != "geometry":
            values = {"element": element.id, "from": frame.field, "suggestion": f"frame: {_EXAMPLES[1]}"}
            yield "FRAME_OF_ROW_UNUSED", "frame", values
    elif frame and moves_coordinates(frame) and frame not in CHINESE_FRAMES and not is_known_crs(frame):
        yield "FRAME_UNKNOWN", "frame", {"frame": frame, "suggestion": _EXAMPLES}
    if binding.point and not any(word in element.symbol for word in ("longitude", "latitude")):
        yield "POINT_UNEXPECTED", "point", {"element": element.id, "suggestion": "place.longitude, place.latitude"}
