"""From a spatial reference to WGS-84."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

CoordinateTransform = Callable[[np.ndarray], np.ndarray]
"""Coordinates (n, 2), x and y of the reference, to (n, 2), longitude and latitude in degrees."""

WGS84 = "4326"
_AUTHORITIES = ("EPSG", "ESRI")
"""Esri uses EPSG codes if there is one."""


@cache
def wgs84_transform(reference: str) -> CoordinateTransform | None:
    """The transformation from ``reference`` (a code, or WKT) to WGS-84 by PROJ; None if PROJ does not know it."""
    from pyproj import Transformer

    found = _resolve_crs(reference)
    if found is None:
        return None
    # In Esri JSON, x is always east, regardless of the axis order of the reference.
    made = Transformer.from_crs(found, f"EPSG:{WGS84}", always_xy=True)

    def change(pairs: np.ndarray) -> np.ndarray:
        return np.column_stack(made.transform(pairs[:, 0], pairs[:, 1]))

    return change


def _resolve_crs(reference: str) -> object | None:
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    wanted = [f"{authority}:{reference}" for authority in _AUTHORITIES] if reference.isdecimal() else [reference]
    for text in filter(None, wanted):
        try:
            return CRS.from_user_input(text)
        except CRSError:
            continue
    return None
