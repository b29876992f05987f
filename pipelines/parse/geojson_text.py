"""Geometries of GeoJSON (RFC 7946) as their own text, with the document's digits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_KINDS = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon")
_NUMBERS = re.compile(r"[-+.,\[\]0-9eE]*")


def geojson_geometry_text(value: Mapping[str, Any]) -> str | None:
    """The text of a geometry whose numbers are texts, as they are decoded here; None for any other object."""
    kind = value.get("type")
    if kind == "GeometryCollection":
        return _collection_text(value.get("geometries"))
    coordinates = value.get("coordinates")
    if kind not in _KINDS or not isinstance(coordinates, list):
        return None
    text = _list_text(coordinates)
    return f'{{"type":"{kind}","coordinates":{text}}}' if _NUMBERS.fullmatch(text) else None


def _collection_text(members: Any) -> str | None:
    if not isinstance(members, list):
        return None
    texts = [geojson_geometry_text(each) if isinstance(each, dict) else None for each in members]
    if None in texts:
        return None
    return f'{{"type":"GeometryCollection","geometries":[{",".join(map(str, texts))}]}}'


def _list_text(value: Any) -> str:
    return f"[{','.join(map(_list_text, value))}]" if isinstance(value, list) else str(value)
