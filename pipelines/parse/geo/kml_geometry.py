"""Geometries of KML as well-known text, with the file's own numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from citylake.pipelines.parse.xml_stream import child_elements, element_text, local_name

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_LOOSE_COMMA = re.compile(r"\s*,\s*")
_SINGLE = {"Point": "POINT", "LineString": "LINESTRING", "Polygon": "POLYGON"}
_MANY = {"POINT": "MULTIPOINT", "LINESTRING": "MULTILINESTRING", "POLYGON": "MULTIPOLYGON"}
KML_GEOMETRIES = (*_SINGLE, "LinearRing", "MultiGeometry", "Track", "MultiTrack", "Model")
"""All geometries of KML; those without an equivalent (tracks, models) are kept as their name."""


def kml_wkt(shape: Element) -> str:
    """The geometry as WKT; a text that is none if its coordinates are broken, or WKT has no such geometry."""
    parts = list(_parts(shape))
    if not parts:
        return "GEOMETRYCOLLECTION EMPTY"
    flat = [body for _, body in parts]
    dimension = " Z" if any("Z" in body[0] for body in flat) else ""
    kinds = {kind for kind, _ in parts}
    if local_name(shape) != "MultiGeometry":
        kind, (_, text) = parts[0]
        return f"{kind}{dimension} {text}"
    if len(kinds) == 1 and (kind := kinds.pop()) in _MANY:
        return f"{_MANY[kind]}{dimension} ({', '.join(text for _, text in flat)})"
    return f"GEOMETRYCOLLECTION{dimension} ({', '.join(f'{kind}{dimension} {text}' for kind, (_, text) in parts)})"


def _parts(shape: Element) -> Iterator[tuple[str, tuple[str, str]]]:
    """(kind, (dimension, coordinates in brackets)) of each simple geometry; nested collections are one."""
    # Not recursive: a file may nest them deeper than Python's stack.
    waiting = [shape]
    while waiting:
        each = waiting.pop()
        kind = local_name(each)
        if kind == "MultiGeometry":
            waiting += reversed([inner for inner in each if local_name(inner) in KML_GEOMETRIES])
        elif kind == "Polygon":
            yield "POLYGON", _polygon(each)
        elif kind in ("Point", "LineString", "LinearRing"):
            yield _SINGLE.get(kind, "LINESTRING"), _line(element_text(each, "coordinates"))
        else:
            yield kind.upper(), ("", "")


def _polygon(shape: Element) -> tuple[str, str]:
    rings = [
        _line(element_text(ring, "LinearRing", "coordinates"))
        for name in ("outerBoundaryIs", "innerBoundaryIs")
        for ring in child_elements(shape, name)
    ]
    return max((dimension for dimension, _ in rings), default=""), f"({', '.join(text for _, text in rings)})"


def _line(coordinates: str | None) -> tuple[str, str]:
    """``lon,lat[,alt]`` tuples as ``(lon lat alt, …)``."""
    spots = _LOOSE_COMMA.sub(",", coordinates or "").split()
    if not spots:
        return "", "EMPTY"
    dimension = "Z" if any(spot.count(",") > 1 for spot in spots) else ""
    return dimension, f"({', '.join(spot.replace(',', ' ') for spot in spots)})"
