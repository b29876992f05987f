"""WGS-84 to GCJ-02 and BD-09, as map vendors publish them (constants and formulas: the published polynomials)."""

from __future__ import annotations

from math import atan2, cos, pi, sin, sqrt

_AXIS_M = 6378245.0
_ECCENTRICITY_2 = 0.00669342162296594323


def wgs84_to_gcj02(longitude_deg: float, latitude_deg: float) -> tuple[float, float]:
    """The GCJ-02 point of a WGS-84 point inside China, degrees."""
    x, y = longitude_deg - 105, latitude_deg - 35
    phi = latitude_deg * pi / 180
    bend = 1 - _ECCENTRICITY_2 * sin(phi) ** 2
    east_m = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + _waves(x, 150, 300)
    north_m = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + _ripples(x, y)
    east_deg = east_m * 180 / (_AXIS_M / sqrt(bend) * cos(phi) * pi)
    north_deg = north_m * 180 / (_AXIS_M * (1 - _ECCENTRICITY_2) / bend**1.5 * pi)
    return longitude_deg + east_deg, latitude_deg + north_deg


def _waves(v: float, short: float, long: float) -> float:
    fine = (20 * sin(6 * v * pi) + 20 * sin(2 * v * pi)) * 2 / 3
    middle = (20 * sin(v * pi) + 40 * sin(v / 3 * pi)) * 2 / 3
    return fine + middle + (short * sin(v / 12 * pi) + long * sin(v / 30 * pi)) * 2 / 3


def _ripples(x: float, y: float) -> float:
    fine = (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3
    middle = (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    return fine + middle + (160 * sin(y / 12 * pi) + 320 * sin(y / 30 * pi)) * 2 / 3


def gcj02_to_bd09(longitude_deg: float, latitude_deg: float) -> tuple[float, float]:
    """The BD-09 point of a GCJ-02 point, degrees."""
    turn = pi * 3000 / 180
    radius = sqrt(longitude_deg**2 + latitude_deg**2) + 0.00002 * sin(latitude_deg * turn)
    angle = atan2(latitude_deg, longitude_deg) + 0.000003 * cos(longitude_deg * turn)
    return radius * cos(angle) + 0.0065, radius * sin(angle) + 0.006
