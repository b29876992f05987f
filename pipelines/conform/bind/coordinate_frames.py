"""Coordinate frames of Chinese sources, to and from WGS-84, over two columns of degrees.

Formulas of GCJ-02 and BD-09: Krasovsky's ellipsoid with the published constants; vectors in the tests. CGCS2000 differs
from WGS-84 by centimetres and is treated as equal. Points outside the China box are not shifted, as in map services.

The inverses are iterated to below a micrometre. Each iteration is a step of the query plan with columns of its own: one
expression for all would double at every step.
"""

from __future__ import annotations

from collections.abc import Callable
from math import pi

import polars as pl

from citylake.pipelines.conform.bind.frame_types import FrameT

PointExpr = tuple[pl.Expr, pl.Expr]

SEMI_MAJOR_M = 6378245.0
ECCENTRICITY_2 = 0.00669342162296594323
CHINA_BOX = ((72.004, 137.8347), (0.8293, 55.8271))
"""Longitudes and latitudes within which GCJ-02 and BD-09 are shifted."""
BD_PERIOD = pi * 3000.0 / 180.0
ITERATIONS = 7
"""GCJ-02 gains a factor of 150 a step from 700 m, BD-09 one of 50 from 40 m; but far less close to 105°E, where GCJ-02
has a root of the distance: five steps are enough elsewhere."""


def convert_to_wgs84(lf: FrameT, lon: str, lat: str, frame: str) -> FrameT:
    """``lf`` with the Float64 columns ``lon`` and ``lat`` (degrees in ``frame``) in WGS-84; nulls stay."""
    if frame == "BD-09":
        lf = _invert_offset(lf, lon, lat, _bd09_offset)
    if frame in ("BD-09", "GCJ-02"):
        lf = _invert_offset(lf, lon, lat, _gcj02_offset)
    return lf


def convert_from_wgs84(lf: FrameT, lon: str, lat: str, frame: str) -> FrameT:
    """The inverse: ``lf`` with its WGS-84 columns ``lon`` and ``lat`` converted to ``frame``."""
    if frame in ("BD-09", "GCJ-02"):
        lf = _apply_offset(lf, lon, lat, _gcj02_offset)
    if frame == "BD-09":
        lf = _apply_offset(lf, lon, lat, _bd09_offset)
    return lf


def _apply_offset(lf: FrameT, lon: str, lat: str, offset: Callable[[PointExpr], PointExpr]) -> FrameT:
    here = (pl.col(lon), pl.col(lat))
    return lf.with_columns(
        pl.when(_inside_china(here)).then(old + new).otherwise(old).alias(name)
        for name, old, new in zip((lon, lat), here, offset(here), strict=True)
    )


def _invert_offset(lf: FrameT, lon: str, lat: str, offset: Callable[[PointExpr], PointExpr]) -> FrameT:
    """The fixed point of ``wgs = given - offset(wgs)``, from ``wgs = given``."""
    given = (pl.col(lon), pl.col(lat))
    names = (f"__{lon}", f"__{lat}")
    guess = (pl.col(names[0]), pl.col(names[1]))
    lf = lf.with_columns(old.alias(name) for name, old in zip(names, given, strict=True))
    for _ in range(ITERATIONS):
        lf = lf.with_columns(
            (old - new).alias(name) for name, old, new in zip(names, given, offset(guess), strict=True)
        )
    return lf.with_columns(
        pl.when(_inside_china(given)).then(found).otherwise(old).alias(name)
        for name, old, found in zip((lon, lat), given, guess, strict=True)
    ).drop(names)


def _inside_china(point: PointExpr) -> pl.Expr:
    (west, east), (south, north) = CHINA_BOX
    return point[0].is_between(west, east) & point[1].is_between(south, north)


def _gcj02_offset(point: PointExpr) -> PointExpr:
    """Degrees from WGS-84 to GCJ-02 at a WGS-84 point."""
    x, y = point[0] - 105.0, point[1] - 35.0
    root, common = (x * x).sqrt().sqrt(), _sine_series(x, (20.0, 6.0), (20.0, 2.0))
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east += common + _sine_series(x, (20.0, 1.0), (40.0, 1 / 3)) + _sine_series(x, (150.0, 1 / 12), (300.0, 1 / 30))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north += common + _sine_series(y, (20.0, 1.0), (40.0, 1 / 3)) + _sine_series(y, (160.0, 1 / 12), (320.0, 1 / 30))
    radians = point[1] * (pi / 180.0)
    magic = 1.0 - ECCENTRICITY_2 * radians.sin() ** 2
    degree = 180.0 / pi / SEMI_MAJOR_M
    return (
        east * degree * magic.sqrt() / radians.cos(),
        north * degree * magic * magic.sqrt() / (1.0 - ECCENTRICITY_2),
    )


def _sine_series(angle: pl.Expr, *waves: tuple[float, float]) -> pl.Expr:
    """2/3 · Σ amplitude · sin(frequency · π · angle)."""
    total: pl.Expr = sum((amplitude * (angle * (pi * frequency)).sin() for amplitude, frequency in waves), pl.lit(0.0))
    return total * (2.0 / 3.0)


def _bd09_offset(point: PointExpr) -> PointExpr:
    """Degrees from GCJ-02 to BD-09 at a GCJ-02 point: a stretch, a turn by a small angle, and a shift."""
    x, y = point
    radius = (x * x + y * y).sqrt()
    stretch = (radius + 2e-5 * (y * BD_PERIOD).sin()) / radius
    turn = 3e-6 * (x * BD_PERIOD).cos()
    cos, sin = stretch * turn.cos(), stretch * turn.sin()
    return (x * cos - y * sin + 0.0065 - x, y * cos + x * sin + 0.006 - y)
