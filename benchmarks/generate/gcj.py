"""WGS-84 to GCJ-02, the published approximation; only this direction, so that the inverse can be checked with it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Degrees = NDArray[np.float64]
_AXIS_M, _ECCENTRICITY = 6378245.0, 0.00669342162296594323


def from_wgs84(longitude: Degrees, latitude: Degrees) -> tuple[Degrees, Degrees]:
    """Longitude and latitude in GCJ-02, in degrees, of points in China."""
    x, y = longitude - 105.0, latitude - 35.0
    root, common = np.sqrt(np.abs(x)), 20 * np.sin(6 * x * np.pi) + 20 * np.sin(2 * x * np.pi)
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += (common + _waves(y, 20, 40, 3)) * 2 / 3 + _long(y, 160, 12, 320, 30)
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += (common + _waves(x, 20, 40, 3)) * 2 / 3 + _long(x, 150, 12, 300, 30)
    radians = latitude / 180 * np.pi
    flat = 1 - _ECCENTRICITY * np.sin(radians) ** 2
    meridian = _AXIS_M * (1 - _ECCENTRICITY) / (flat * np.sqrt(flat)) * np.pi
    parallel = _AXIS_M / np.sqrt(flat) * np.cos(radians) * np.pi
    return longitude + east * 180 / parallel, latitude + north * 180 / meridian


def _waves(value: Degrees, near: float, far: float, over: float) -> Degrees:
    return near * np.sin(value * np.pi) + far * np.sin(value / over * np.pi)


def _long(value: Degrees, near: float, over: float, far: float, over_far: float) -> Degrees:
    return (near * np.sin(value / over * np.pi) + far * np.sin(value / over_far * np.pi)) * 2 / 3
