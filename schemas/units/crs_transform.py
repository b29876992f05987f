"""From a coordinate reference system to WGS-84, by PROJ.

PROJ uses the grids that are installed and never fetches one. Without the grid of a datum (OSTN15 for EPSG:27700) its
best formula is used, which is exact to a few metres.

PROJ works on one thread of its own. Python's state of a thread of Polars ends with each call, and PROJ's context in it;
the process then ends with a segmentation fault.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import numpy as np

CoordinateTransform = Callable[["np.ndarray"], "np.ndarray"]
"""Coordinates (n, 2), x and y of the reference, to (n, 2), longitude and latitude in degrees."""

WGS84 = "4326"
_AUTHORITIES = ("EPSG", "ESRI")
"""Esri uses EPSG codes if there is one."""
_MARGIN_DEG = 3.0
"""How far a point may lie outside the area for which a reference system is made, as neighbours of a UTM zone do."""


_T = TypeVar("_T")


@cache
def wgs84_transform(reference: str) -> CoordinateTransform | None:
    """The transformation from ``reference`` (a code, ``EPSG:27700``, or WKT) to WGS-84; None if PROJ does not know it.

    A result outside the area of PROJ's formula is infinite.
    """
    import numpy as np

    made = _by_proj(lambda: _transformer(reference))
    if made is None:
        return None

    def change(pairs: np.ndarray) -> np.ndarray:
        return np.column_stack(_by_proj(lambda: made.transform(pairs[:, 0], pairs[:, 1])))

    return change


def _transformer(reference: str) -> Any:
    from pyproj import Transformer

    found = _resolve_crs(reference)
    # In files, x is always east, regardless of the axis order of the reference.
    return None if found is None else Transformer.from_crs(found, f"EPSG:{WGS84}", always_xy=True)


def is_known_crs(reference: str) -> bool:
    """Whether PROJ knows ``reference``; also if PROJ is not installed, as in the environment of an editor."""
    try:
        return _by_proj(lambda: _resolve_crs(reference)) is not None
    except ModuleNotFoundError:
        return True


@cache
def crs_area(reference: str) -> tuple[float, float, float, float] | None:
    """West, south, east and north of the area of ``reference`` with a margin; None if it has none, or none of a box."""
    area = _by_proj(lambda: getattr(_resolve_crs(reference), "area_of_use", None))
    if area is None or area.west > area.east:
        return None
    return area.west - _MARGIN_DEG, area.south - _MARGIN_DEG, area.east + _MARGIN_DEG, area.north + _MARGIN_DEG


def _resolve_crs(reference: str) -> Any:
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    wanted = [f"{authority}:{reference}" for authority in _AUTHORITIES] if reference.isdecimal() else [reference]
    for text in filter(None, wanted):
        try:
            return CRS.from_user_input(text)
        except CRSError:
            continue
    return None


def _by_proj(work: Callable[[], _T]) -> _T:
    return _proj_thread(os.getpid()).submit(work).result()


@cache
def _proj_thread(process: int) -> ThreadPoolExecutor:
    """The thread of PROJ in this process; a forked process has none of its parent's threads."""
    return ThreadPoolExecutor(1, f"proj-{process}")
