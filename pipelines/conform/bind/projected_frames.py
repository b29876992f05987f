"""Eastings and northings of any reference system to WGS-84, over two columns."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from citylake.pipelines.conform.bind.frame_types import FrameT
from citylake.pipelines.pull.optional_libraries import require_libraries
from citylake.schemas.units.crs_transform import crs_area, wgs84_transform
from citylake.schemas.words.errors import CitylakeError


def project_to_wgs84(lf: FrameT, x: str, y: str, frame: str) -> FrameT:
    """``lf`` with the Float64 columns ``x`` and ``y`` (in ``frame``, x to the east) in WGS-84, degrees; nulls stay.

    A point that ``frame`` is not made for becomes null. 0, 0 stays: it is no place in any frame. Raises FRAME_UNKNOWN,
    and LIBRARY_MISSING without pyproj.
    """
    pair = pl.struct(pl.col(x).alias("x"), pl.col(y).alias("y"))
    made = pair.map_batches(
        _projection(frame), return_dtype=pl.Struct({"x": pl.Float64, "y": pl.Float64}), is_elementwise=True
    )
    name = f"_projected.{x}"
    lf = lf.with_columns(made.alias(name))
    return lf.with_columns(pl.col(name).struct.field("x").alias(x), pl.col(name).struct.field("y").alias(y)).drop(name)


def _projection(frame: str) -> Callable[[pl.Series], pl.Series]:
    with require_libraries(frame):
        change, area = wgs84_transform(frame), crs_area(frame)
    if change is None:
        raise CitylakeError("FRAME_UNKNOWN", field="—", frame=frame, suggestion="EPSG:4326")

    def work(pairs: pl.Series) -> pl.Series:
        spots = pairs.struct.unnest().to_numpy()
        zero = (spots == 0).all(axis=1)
        moved = np.array(change(spots))
        moved[~np.isfinite(moved).all(axis=1)] = np.nan
        if area is not None:
            west, south, east, north = area
            x, y = moved.T
            moved[(x < west) | (x > east) | (y < south) | (y > north)] = np.nan
        moved[zero] = 0.0
        return pl.DataFrame(moved, schema=["x", "y"], orient="row").fill_nan(None).to_struct(pairs.name)

    return work
