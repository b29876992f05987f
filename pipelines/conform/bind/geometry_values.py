"""Columns of geometries: WKB in WGS-84, what is derived from it, and the rules for those that are refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from citylake.pipelines.conform.bind.bound_column import RAW_PREFIX, BoundColumn
from citylake.pipelines.conform.bind.frame_types import FrameT
from citylake.pipelines.pull.optional_libraries import require_libraries
from citylake.quality.rules.row_rule import RowRule
from citylake.schemas.model.place_words import FrameFrom
from citylake.schemas.read.contract_columns import GEOMETRY_SUFFIXES

_CODES = ("GEOMETRY_UNREADABLE", "GEOMETRY_INVALID", "GEOMETRY_FRAME_UNKNOWN", "GEOMETRY_OUTSIDE_FRAME")
_SHOWN_CHARS = 80


def geometry_struct(column: str) -> str:
    """The name, within the pass, of the struct that a geometry's columns are taken from."""
    return f"_geometry.{column}"


def add_geometries(frame: FrameT, bounds: Sequence[BoundColumn]) -> FrameT:
    """Add the struct and the derived columns of every geometry. Raises LIBRARY_MISSING without the extra ``geo``."""
    for bound in (bound for bound in bounds if bound.element.type == "geometry"):
        name = geometry_struct(bound.column)
        frame = frame.with_columns(_struct_expr(bound).alias(name))
        frame = frame.with_columns(
            pl.col(name).struct.field(suffix).alias(f"{bound.column}_{suffix}") for suffix in GEOMETRY_SUFFIXES
        )
    return frame


def geometry_rules(bound: BoundColumn) -> Iterator[RowRule]:
    """The rules for geometries that cannot be used, each with its reason."""
    problem = pl.col(geometry_struct(bound.column)).struct
    shown = pl.col(bound.text).str.slice(0, _SHOWN_CHARS)
    for code in _CODES:
        broken = problem.field("code").eq(code).fill_null(value=False)
        yield RowRule(code, bound.column, broken, value=shown, detail=problem.field("detail"))


def _struct_expr(bound: BoundColumn) -> pl.Expr:
    with require_libraries(bound.fields[0] if bound.fields else bound.column):
        import pyproj  # noqa: F401 (only whether it is there)
        import shapely  # noqa: F401
    from citylake.pipelines.conform.bind.geometry_shapes import GEOMETRY_STRUCT, convert_geometries

    frame = bound.binding.frame
    stated = pl.col(RAW_PREFIX + frame.field) if isinstance(frame, FrameFrom) else pl.lit(frame or "WGS-84", pl.String)
    pair = pl.struct(pl.col(bound.text).alias("text"), stated.alias("frame"))
    return pair.map_batches(
        lambda values: convert_geometries(values.struct.field("text"), values.struct.field("frame")),
        return_dtype=GEOMETRY_STRUCT,
        is_elementwise=True,
    )
