"""Lists of coordinates as well-known text (OGC 06-103r4, 7), in two dimensions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Lines = Sequence[np.ndarray]
"""Each (n, 2)."""


def text(kind: str, before: Lines, after: Lines) -> str:
    """The geometry of ``after``; ``kind``: ``points``, ``paths`` or ``rings``, as Esri JSON calls them.

    Which rings are holes is told by ``before``, the coordinates as they came: those that run against the clock.
    """
    if kind == "points":
        spots = [_spots(line) for line in after]
        return _many("MULTIPOINT", [f"({spot})" for each in spots for spot in each])
    if kind == "paths":
        paths = [f"({', '.join(_spots(line))})" for line in after if len(line)]
        return f"LINESTRING {paths[0]}" if len(paths) == 1 else _many("MULTILINESTRING", paths)
    rings = [f"({', '.join(_spots(_closed(line)))})" for line in after]
    polygons = [f"({', '.join(rings[place] for place in polygon)})" for polygon in _polygons(before)]
    return f"POLYGON {polygons[0]}" if len(polygons) == 1 else _many("MULTIPOLYGON", polygons)


def _polygons(rings: Lines) -> list[list[int]]:
    """Places of rings, each outer one followed by its holes; a hole without an outer ring is taken for one."""
    areas = [_area(ring) if len(ring) else 0.0 for ring in rings]
    filled = [place for place, ring in enumerate(rings) if len(ring)]
    found = {place: [place] for place in filled if areas[place] <= 0}
    for place in (place for place in filled if areas[place] > 0):
        around = [outer for outer in found if areas[outer] <= 0 and _within(rings[place][0], rings[outer])]
        found.setdefault(min(around, key=lambda outer: -areas[outer], default=place), []).append(place)
    return list(found.values())


def _area(ring: np.ndarray) -> float:
    """Twice the area by the shoelace formula, positive against the clock."""
    x, y = (ring - ring[0]).T
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def _within(spot: np.ndarray, ring: np.ndarray) -> bool:
    """Whether a ray from ``spot`` crosses the ring an odd number of times."""
    (x, y), (x0, y0), (x1, y1) = spot, ring.T, np.roll(ring, -1, axis=0).T
    across = (y0 > y) != (y1 > y)
    at = x0[across] + (y - y0[across]) * (x1[across] - x0[across]) / (y1[across] - y0[across])
    return bool(np.count_nonzero(at > x) % 2)


def _closed(ring: np.ndarray) -> np.ndarray:
    return ring if len(ring) == 0 or (ring[0] == ring[-1]).all() else np.vstack([ring, ring[:1]])


def _spots(line: np.ndarray) -> list[str]:
    return [f"{x!r} {y!r}" for x, y in line.tolist()]


def _many(kind: str, parts: Sequence[str]) -> str:
    return f"{kind} ({', '.join(parts)})" if parts else f"{kind} EMPTY"
