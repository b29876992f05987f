"""Features that are read one by one, as text columns in batches of bounded size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import polars as pl

from citylake.pipelines.parse.flatten_json import FlatRow
from citylake.pipelines.parse.geo.geometry_text import GEOMETRY_COLUMNS, geometry_text_columns
from citylake.pipelines.parse.parse_limits import BATCH_CHARS, BATCH_ROWS
from citylake.pipelines.parse.read_request import ReadRequest, text_schema

ReadShapes = Callable[[Sequence[str | None]], np.ndarray]
Feature = tuple[FlatRow, str | None]
"""The attributes, and the text of the geometry."""


def feature_batches(
    request: ReadRequest, features: Iterable[Feature], read: ReadShapes, crs: str
) -> Iterator[pl.DataFrame]:
    """The features as text; ``read`` makes geometries of their texts. Raises HEADER_DUPLICATE."""
    rows: list[FlatRow] = []
    texts: list[str | None] = []
    chars = 0
    for row, geometry in features:
        rows.append(row)
        texts.append(geometry)
        chars += len(geometry or "") + sum(len(value) for value in row.values() if value)
        if len(rows) >= BATCH_ROWS or chars >= BATCH_CHARS:
            yield _feature_frame(request, rows, texts, read, crs)
            rows, texts, chars = [], [], 0
    if rows:
        yield _feature_frame(request, rows, texts, read, crs)


def _feature_frame(
    request: ReadRequest, rows: list[FlatRow], texts: list[str | None], read: ReadShapes, crs: str
) -> pl.DataFrame:
    names = dict.fromkeys(name for row in rows for name in row)
    frame = pl.DataFrame(rows, schema=text_schema(names)) if names else pl.DataFrame()
    return with_geometry(request, frame, read(texts), texts, crs)


def with_geometry(
    request: ReadRequest, frame: pl.DataFrame, shapes: np.ndarray, sources: Sequence[str | None], crs: str
) -> pl.DataFrame:
    """``frame`` with the columns of its geometries last; raises HEADER_DUPLICATE if an attribute has such a name."""
    clash = [name for name in GEOMETRY_COLUMNS if name in frame.columns]
    if clash:
        raise request.fault("HEADER_DUPLICATE", row=1, columns=", ".join(clash))
    return pl.DataFrame([*frame.get_columns(), *geometry_text_columns(shapes, sources, crs)])
