"""Lists of coordinates as well-known text (OGC 06-103r4, 7), in two dimensions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

CoordinateLines = Sequence[np.ndarray]
"""Each (n, 2)."""


def format_wkt(kind: str, lines: CoordinateLines, spots: Sequence[list[str]]) -> str:
    """The geometry with the coordinates ``spots`` (texts); ``kind``: ``points``, ``paths`` or ``rings``.

    ``lines``, the source coordinates, determine which rings are holes: in Esri JSON, holes run counter-clockwise.
    """
    if kind == "points":
        return _multi_wkt("MULTIPOINT", [f"({spot})" for each in spots for spot in each])
    if kind == "paths":
        paths = [f"({', '.join(each)})" for each in spots if each]
        return f"LINESTRING {paths[0]}" if len(paths) == 1 else _multi_wkt("MULTILINESTRING", paths)
    rings = [f"({', '.join(_close_ring(each))})" for each in spots]
    polygons = [f"({', '.join(rings[place] for place in polygon)})" for polygon in _group_polygons(lines)]
    return f"POLYGON {polygons[0]}" if len(polygons) == 1 else _multi_wkt("MULTIPOLYGON", polygons)


def _group_polygons(rings: CoordinateLines) -> list[list[int]]:
    """Indices of rings, each outer one followed by its holes; a hole without an outer ring counts as an outer ring."""
    filled = [place for place, ring in enumerate(rings) if len(ring)]
    if len(filled) == 1:
        return [filled]
    areas = {place: _ring_area(rings[place]) for place in filled}
    outer = [place for place in filled if areas[place] <= 0]
    found = {place: [place] for place in outer}
    for hole in (place for place in filled if areas[place] > 0):
        around = [place for place in outer if _point_in_ring(rings[hole][0], rings[place])]
        found.setdefault(min(around, key=lambda place: -areas[place], default=hole), []).append(hole)
    return list(found.values())


def _ring_area(ring: np.ndarray) -> float:
    """Twice the area by the shoelace formula, positive if counter-clockwise."""
    x, y = (ring - ring[0]).T
    return float(x[:-1] @ y[1:] - x[1:] @ y[:-1])


def _point_in_ring(spot: np.ndarray, ring: np.ndarray) -> bool:
    """Whether a ray from ``spot`` crosses the ring an odd number of times."""
    (x, y), (x0, y0), (x1, y1) = spot, ring.T, np.roll(ring, -1, axis=0).T
    across = (y0 > y) != (y1 > y)
    at = x0[across] + (y - y0[across]) * (x1[across] - x0[across]) / (y1[across] - y0[across])
    return bool(np.count_nonzero(at > x) % 2)


def _close_ring(ring: list[str]) -> list[str]:
    return ring if not ring or ring[0] == ring[-1] else [*ring, ring[0]]


def _multi_wkt(kind: str, parts: Sequence[str]) -> str:
    return f"{kind} ({', '.join(parts)})" if parts else f"{kind} EMPTY"
