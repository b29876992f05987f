"""Texts of geometries as WKB in WGS-84, with what is derived from each; vectorised over the distinct texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from citylake.pipelines.blocks.wkb_shapes import read_wkb_shapes
from citylake.pipelines.conform.bind.coordinate_frames import convert_to_wgs84
from citylake.schemas.model.place_words import CHINESE_FRAMES, moves_coordinates
from citylake.schemas.read.contract_columns import GEOMETRY_SUFFIXES
from citylake.schemas.units.crs_transform import crs_area, wgs84_transform

GEOMETRY_STRUCT = pl.Struct(
    {"wkb": pl.Binary, "code": pl.String, "detail": pl.String} | dict.fromkeys(GEOMETRY_SUFFIXES, pl.Float64)
)
"""A geometry, the issue that it has, and what is derived from it."""
_WGS84, _LIMITS = "WGS-84", np.array([-180.0, -90.0, 180.0, 90.0])
_POLYGONS = (3, 6)
"""GEOS numbers of polygons and multipolygons; collections have no area here."""


def convert_geometries(texts: pl.Series, frames: pl.Series) -> pl.Series:
    """GEOMETRY_STRUCT of each text (WKT, EWKT, GeoJSON, WKB in hexadecimal) in the frame beside it; null stays null."""
    shapes = _Shapes.read(texts, frames)
    shapes.check_validity()
    shapes.to_wgs84()
    return shapes.result().alias(texts.name)


@dataclass(slots=True)
class _Shapes:
    """Geometries (n,), None where there is none to use, and the issue of those that are refused."""

    given: np.ndarray
    shapes: np.ndarray
    frames: np.ndarray
    codes: np.ndarray
    details: np.ndarray

    @classmethod
    def read(cls, texts: pl.Series, frames: pl.Series) -> _Shapes:
        import shapely

        srid = texts.str.extract(r"^(?i)SRID=(\d+);", 1)
        stated = pl.DataFrame([srid.alias("srid"), frames.alias("frame")]).select(
            pl.when(pl.col("srid").is_not_null()).then(pl.format("EPSG:{}", "srid")).otherwise("frame")
        )
        plain = texts.str.strip_chars().str.replace(r"^(?i)SRID=\d+;", "")
        shapes = _parse_shapes(plain)
        given = texts.is_not_null().to_numpy()
        made = cls(
            given,
            shapes,
            stated.to_series().to_numpy(),
            np.full(len(texts), None, object),
            np.full(len(texts), None, object),
        )
        made.refuse(given & shapely.is_missing(shapes), "GEOMETRY_UNREADABLE", "")
        return made

    def refuse(self, which: np.ndarray, code: str, detail: Any) -> None:
        """Give those of ``which`` that have no issue yet the issue ``code``, and leave their geometries out."""
        self.codes[which], self.details[which] = code, detail
        self.shapes[which] = None

    def check_validity(self) -> None:
        import shapely

        bad = ~shapely.is_valid(self.shapes) & ~shapely.is_missing(self.shapes)
        if bad.any():
            self.refuse(bad, "GEOMETRY_INVALID", shapely.is_valid_reason(self.shapes[bad]))

    def to_wgs84(self) -> None:
        """Convert the geometries of each frame together; refuse those of an unknown frame, or outside it."""
        import shapely

        there = ~shapely.is_missing(self.shapes)
        named = np.array(["" if frame is None else str(frame) for frame in self.frames], dtype=object)
        for frame in sorted(set(named[there])):
            own = there & (named == frame)
            if moves_coordinates(frame):
                self._convert(own, frame)
            elif not frame:
                self.refuse(own, "GEOMETRY_FRAME_UNKNOWN", "—")
        there = ~shapely.is_missing(self.shapes) & ~shapely.is_empty(self.shapes)
        box = shapely.bounds(self.shapes)
        outside = there & ~((box[:, :2] >= _LIMITS[:2]).all(axis=1) & (box[:, 2:] <= _LIMITS[2:]).all(axis=1))
        self.refuse(outside, "GEOMETRY_OUTSIDE_FRAME", [frame or _WGS84 for frame in named[outside]])

    def _convert(self, own: np.ndarray, frame: str) -> None:
        import shapely

        change = _change_chinese(frame) if frame in CHINESE_FRAMES else wgs84_transform(frame)
        if change is None:
            self.refuse(own, "GEOMETRY_FRAME_UNKNOWN", frame[:100])
            return
        moved = self.shapes[own]
        for part in (shapely.has_z(moved), ~shapely.has_z(moved)):
            # Heights stay as they are: a vertical reference system is not converted.
            heights = bool(part.any() and shapely.has_z(moved[part]).all())
            moved[part] = shapely.transform(moved[part], _keep_heights(change), include_z=heights)
        self.shapes[own] = moved
        area = None if frame in CHINESE_FRAMES else crs_area(frame)
        if area is not None:
            box = shapely.bounds(moved)
            away = (box[:, 0] < area[0]) | (box[:, 1] < area[1]) | (box[:, 2] > area[2]) | (box[:, 3] > area[3])
            places = np.flatnonzero(own)[away]
            far = np.zeros(len(self.shapes), dtype=bool)
            far[places] = True
            self.refuse(far, "GEOMETRY_OUTSIDE_FRAME", frame[:100])

    def result(self) -> pl.Series:
        import shapely

        columns: Mapping[str, Any] = {
            "wkb": shapely.to_wkb(self.shapes, output_dimension=4, byte_order=1, flavor="iso"),
            "code": self.codes,
            "detail": self.details,
            **dict(zip(GEOMETRY_SUFFIXES, _derived(self.shapes), strict=True)),
        }
        frame = pl.DataFrame(
            [pl.Series(name, list(values), dtype=GEOMETRY_STRUCT.to_schema()[name]) for name, values in columns.items()]
        )
        return frame.with_columns(pl.col(GEOMETRY_SUFFIXES).fill_nan(None)).to_struct("geometry")


def _parse_shapes(texts: pl.Series) -> np.ndarray:
    import shapely

    values = texts.to_numpy()
    shapes = np.full(len(values), None, dtype=object)
    json, wkb = texts.str.starts_with("{").fill_null(value=False), texts.str.contains(r"^0[01][0-9A-Fa-f]{8,}$")
    kinds = ((json.to_numpy(), shapely.from_geojson), (wkb.fill_null(value=False).to_numpy(), read_wkb_shapes))
    rest = texts.is_not_null().to_numpy()
    for chosen, parse in kinds:
        shapes[chosen] = parse(values[chosen], on_invalid="ignore") if chosen.any() else None
        rest &= ~chosen
    shapes[rest] = shapely.from_wkt(values[rest], on_invalid="ignore")
    return shapes


def _keep_heights(change: Any) -> Any:
    def work(spots: np.ndarray) -> np.ndarray:
        return np.column_stack([change(spots[:, :2]), spots[:, 2:]])

    return work


def _change_chinese(frame: str) -> Any:
    def change(spots: np.ndarray) -> np.ndarray:
        return convert_to_wgs84(pl.DataFrame(spots, schema=["x", "y"], orient="row"), "x", "y", frame).to_numpy()

    return change


def _derived(shapes: np.ndarray) -> list[np.ndarray]:
    import shapely

    inner = shapely.point_on_surface(shapes)
    # A geometry without points has none within it, and GEOS raises for its coordinates.
    inner[shapely.is_empty(inner)] = None
    return [*shapely.bounds(shapes).T, _areas(shapes), shapely.get_x(inner), shapely.get_y(inner)]


def _areas(shapes: np.ndarray) -> np.ndarray:
    """Areas on the ellipsoid, m² (Karney 2013, by PROJ); NaN for what has none."""
    import shapely
    from pyproj import Geod

    geod, areas = Geod(ellps="WGS84"), np.full(len(shapes), np.nan)
    # PROJ takes one ring at a time.
    for place in np.flatnonzero(np.isin(shapely.get_type_id(shapes), _POLYGONS) & ~shapely.is_empty(shapes)):
        areas[place] = abs(geod.geometry_area_perimeter(shapely.orient_polygons(shapes[place]))[0])
    return areas
