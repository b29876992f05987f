"""Geometries as text columns: WKT, the reference system, and the bounding box."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import shapely

from citylake.pipelines.blocks.wkb_shapes import read_wkb_shapes

GEOMETRY, CRS, BBOX = "geometry", "geometry.crs", "geometry.bbox"
GEOMETRY_COLUMNS = (GEOMETRY, CRS, BBOX)
_ALL_DIGITS = 400
"""More decimals than a number can have: GEOS writes the shortest text that reads back as the same number."""


def geometry_text_columns(shapes: np.ndarray, sources: Sequence[str | None], crs: str) -> list[pl.Series]:
    """The columns of a batch. ``shapes`` (n,): None if there is no geometry, or none that can be read.

    ``sources``: the text that is shown where ``shapes`` has none; null where the feature has no geometry. Coordinates
    are the shortest text that reads back as the same number, and a third one is kept.
    """
    wkt = shapely.to_wkt(shapes, rounding_precision=_ALL_DIGITS, output_dimension=4)
    known = ~shapely.is_missing(shapes)
    texts = pl.Series(
        GEOMETRY, [each if read else source for each, read, source in zip(wkt, known, sources, strict=True)], pl.String
    )
    references = pl.Series(CRS, [None if text is None else crs for text in texts], pl.String)
    return [texts, references, _bounding_boxes(shapes)]


def _bounding_boxes(shapes: np.ndarray) -> pl.Series:
    box = pl.DataFrame(shapely.bounds(shapes), schema=["xmin", "ymin", "xmax", "ymax"], orient="row")
    text = pl.concat_str(pl.all().cast(pl.String), separator=",")
    return box.select(pl.when(pl.col("xmin").is_finite()).then(text).alias(BBOX)).to_series()


def shapes_from_wkb(values: Sequence[bytes | None]) -> tuple[np.ndarray, list[str | None]]:
    """Geometries and, for those that cannot be read (a curve, broken bytes), the bytes as hexadecimal text."""
    shapes = read_wkb_shapes(np.array(values, dtype=object))
    lost = shapely.is_missing(shapes)
    return shapes, [each.hex() if each is not None and gone else None for each, gone in zip(values, lost, strict=True)]


def shapes_from_geojson(texts: Sequence[str | None]) -> np.ndarray:
    """Geometries; None for a text that is no geometry."""
    return np.asarray(shapely.from_geojson(np.array(texts, dtype=object), on_invalid="ignore"), dtype=object)


def shapes_from_wkt(texts: Sequence[str | None]) -> np.ndarray:
    """Geometries; None for a text that is no geometry."""
    return np.asarray(shapely.from_wkt(np.array(texts, dtype=object), on_invalid="ignore"), dtype=object)
