"""Esri JSON geometries as columns: points and WKT in WGS-84, and the source text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from citylake.pipelines.parse.arcgis.wkt import CoordinateLines, format_wkt
from citylake.pipelines.parse.read_request import ReadRequest
from citylake.schemas.units.crs_transform import WGS84, wgs84_transform

_POINT = "esriGeometryPoint"
_LISTS = ("rings", "paths", "points")
GeometryColumns = dict[str, list[str | None]]


@dataclass(frozen=True, slots=True, eq=False)
class EsriGeometry:
    """A geometry: ``point``, ``points``, ``paths`` or ``rings``, its lists of coordinates, and its source text."""

    kind: str
    lines: CoordinateLines
    source: str

    @classmethod
    def of(cls, value: Any, source: str) -> EsriGeometry:
        """Raises ValueError for an unknown geometry. An empty point (``NaN``, null) has no coordinates."""
        try:
            if "x" in value:
                return cls("point", [_coordinate_line([(value["x"], value.get("y"))])], source)
            if "xmin" in value:
                (west, south), (east, north) = (value["xmin"], value["ymin"]), (value["xmax"], value["ymax"])
                corners = [(west, south), (west, north), (east, north), (east, south), (west, south)]
                return cls("rings", [_coordinate_line(corners)], source)
            kind = next(name for name in _LISTS if name in value)
            lists = [value[kind]] if kind == "points" else value[kind]
            return cls(kind, [_coordinate_line([spot[:2] for spot in each]) for each in lists], source)
        except (StopIteration, TypeError, ValueError, KeyError, AttributeError):
            raise ValueError(source[:100]) from None


def _coordinate_line(spots: Sequence[Any]) -> np.ndarray:
    """Coordinates (n, 2), without ``NaN``. Raises ValueError if one is text."""
    if any(isinstance(number, str) and number != "NaN" for spot in spots for number in spot):
        raise ValueError("text")
    line = np.array(spots, dtype=np.float64).reshape(-1, 2)
    return line[~np.isnan(line[:, 0])]


def spatial_reference(said: Any) -> str:
    """A spatial reference by its number, the newer one first, or its WKT; empty if there is none."""
    found = said if isinstance(said, dict) else {}
    return str(found.get("latestWkid") or found.get("wkid") or found.get("wkt") or "")


def geometry_columns(
    request: ReadRequest, numbers: Sequence[int], shapes: Sequence[EsriGeometry | None], reference: str, kind: Any
) -> GeometryColumns:
    """``geometry.longitude`` and ``.latitude``, or ``.wkt``; and ``.source``, ``.wkid``. Nothing for a table.

    ``numbers`` are the features' in their page, ``kind`` its ``geometryType``. Raises SPATIAL_REFERENCE_UNKNOWN.
    """
    known = [(place, shape) for place, shape in enumerate(shapes) if shape]
    if not known and not kind:
        return {}
    before = np.concatenate([line for _, shape in known for line in shape.lines] or [np.empty((0, 2))])
    if known and reference != WGS84:
        change = wgs84_transform(reference)
        if change is None:
            raise request.fault("SPATIAL_REFERENCE_UNKNOWN", row=numbers[known[0][0]], reference=reference[:100] or "-")
        before = change(before)
    made = _format_geometries(known, before, len(shapes))
    points = kind == _POINT or any(shape.kind == "point" for _, shape in known)
    others = (kind and kind != _POINT) or any(shape.kind != "point" for _, shape in known)
    wanted = [*(("longitude", "latitude") if points else ()), *(("wkt",) if others else ())]
    sources = [shape.source if shape else None for shape in shapes]
    wkids = [reference if shape else None for shape in shapes]
    return {f"geometry.{name}": made[name] for name in wanted} | {"geometry.source": sources, "geometry.wkid": wkids}


def _format_geometries(known: Sequence[tuple[int, EsriGeometry]], after: np.ndarray, rows: int) -> GeometryColumns:
    """Every number as the shortest exact text; ``inf`` outside the area of the projection.

    The binding of the field refuses such a row.
    """
    made: GeometryColumns = {name: [None] * rows for name in ("longitude", "latitude", "wkt")}
    texts = pl.DataFrame(after, schema=["x", "y"]).select(pl.all().cast(pl.String))
    x, y = texts["x"], texts["y"]
    spots = texts.select(pl.concat_str("x", "y", separator=" ")).to_series().to_list()
    at = 0
    for place, shape in known:
        lines = []
        for line in shape.lines:
            lines.append(spots[at : at + len(line)])
            at += len(line)
        if shape.kind != "point":
            made["wkt"][place] = format_wkt(shape.kind, shape.lines, lines)
        elif lines[0]:
            made["longitude"][place], made["latitude"][place] = x[at - 1], y[at - 1]
    return made
