"""Geometries of a contract: one column of WKB in WGS-84, what is derived from it, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from citylake.pipelines.conform.bind.geometry_shapes import convert_geometries
from tests.thorough import examples

NAME = "place.areas"
FIELDS = {
    "code": {"element": "facility.code", "required": True},
    "geometry": {"element": "place.geometry"},
}
KNOWN = ["type", "geometry.type", "geometry.bbox"]


def declare(trial: Any, fmt: Any, name: str = NAME, **more: Any) -> Path:
    folder: Path = trial.root / "in" / name
    folder.mkdir(parents=True, exist_ok=True)
    contract = {
        "dataset": name,
        "title": {"zh": "区域", "en": "areas"},
        "owner": {"department": "test"},
        "source": {"connector": "files", "path": f"{folder}/*", "format": fmt},
        "fields": FIELDS,
        "ignore": KNOWN,
        "write": {"mode": "upsert", "key": ["facility_code"]},
        "expect": {"quarantine_share": 1.0},
        **more,
    }
    trial.declare(f"datasets/{name.replace('.', '/')}", contract)
    return folder


def square(west: float, south: float, side: float) -> list[list[list[float]]]:
    east, north = west + side, south + side
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


def collection(shapes: Iterable[tuple[str, Any]], **members: Any) -> str:
    features = [{"type": "Feature", "properties": {"code": code}, "geometry": shape} for code, shape in shapes]
    return json.dumps({"type": "FeatureCollection", **members, "features": features})


POLYGON = {"type": "Polygon", "coordinates": square(116.4, 39.9, 0.01)}
BOW = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
BROKEN = {"type": "Polygon", "coordinates": [[[0, 0], [1]]]}
SHAPES = [
    ("A", POLYGON),
    ("B", {"type": "Point", "coordinates": [116.4, 39.9, 44.5]}),
    ("C", None),
    ("D", BOW),
    ("E", BROKEN),
    ("F", {"type": "Point", "coordinates": [530000, 180000]}),
]
ISSUES = {"D": ["GEOMETRY_INVALID"], "E": ["GEOMETRY_UNREADABLE"], "F": ["GEOMETRY_OUTSIDE_FRAME"]}


def issues(trial: Any, name: str = NAME) -> dict[str, list[str]]:
    rows = trial.quarantine(name)
    found = [json.loads(raw) for raw in rows["raw"]]
    return {
        raw.get("code", raw.get("properties.code")): codes
        for raw, codes in zip(found, rows["codes"].to_list(), strict=True)
    }


@pytest.mark.parametrize("fmt", ["geo", {"type": "json", "records": "features"}])
def test_geometries_become_wkb_and_columns_that_are_derived_from_it(trial: Any, fmt: Any) -> None:
    fields = (
        FIELDS
        if fmt == "geo"
        else {("properties.code" if name == "code" else name): each for name, each in FIELDS.items()}
    )
    folder = declare(trial, fmt, fields=fields)
    (folder / "a.geojson").write_text(collection(SHAPES))
    trial.run()
    assert issues(trial) == ISSUES
    rows = trial.standard(NAME).sort("facility_code")
    assert rows.schema["geometry"] == pl.Binary
    area, point, none = rows.select(pl.col("^geometry.*$")).rows()
    ring = shapely.from_wkb(area[0])
    assert ring.equals(shapely.Polygon(POLYGON["coordinates"][0]))
    assert area[1:5] == ring.bounds
    assert area[5] == pytest.approx(abs(Geod(ellps="WGS84").geometry_area_perimeter(ring)[0]), rel=1e-12)
    assert ring.contains(shapely.Point(area[6:8]))
    assert shapely.to_wkt(shapely.from_wkb(point[0])) == "POINT Z (116.4 39.9 44.5)"
    assert point[5:] == (None, 116.4, 39.9)
    assert none == (None,) * 8


def test_the_reason_of_a_refusal_names_the_fault_and_its_place(trial: Any) -> None:
    folder = declare(trial, "geo")
    (folder / "a.geojson").write_text(collection(SHAPES))
    trial.run()
    reasons = {json.loads(row["raw"])["code"]: row["reasons"] for row in trial.quarantine(NAME).iter_rows(named=True)}
    assert "Self-intersection[0.5 0.5]" in str(reasons["D"])


@pytest.mark.parametrize("stated", ["file", "binding"])
def test_a_national_grid_is_converted_to_wgs84(trial: Any, stated: str) -> None:
    urn = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    members = {"crs": urn} if stated == "file" else {}
    geometry = {"element": "place.geometry", **({"frame": "EPSG:27700"} if stated == "binding" else {})}
    known = [*KNOWN, *(["geometry.crs"] if stated == "binding" else [])]
    folder = declare(trial, "geo", fields={**FIELDS, "geometry": geometry}, ignore=known)
    shape = {"type": "Polygon", "coordinates": square(530000, 180000, 100)}
    (folder / "a.geojson").write_text(collection([("A", shape)], **members))
    trial.run()
    (row,) = trial.standard(NAME).iter_rows(named=True)
    assert row["geometry_point_longitude_deg"] == pytest.approx(-0.1276, abs=1e-3)
    assert row["geometry_area_m2"] == pytest.approx(10_000, rel=2e-3)


def test_texts_of_csv_are_geometries_too(trial: Any) -> None:
    folder = declare(trial, "csv")
    point = shapely.from_wkt("POINT (116.4 39.9)")
    texts = [point.wkt, f"SRID=4326;{point.wkt}", shapely.to_wkb(point, hex=True), shapely.to_geojson(point), "", "x"]
    pl.DataFrame({"code": list("ABCDEF"), "geometry": texts}).write_csv(folder / "a.csv")
    trial.run()
    rows = trial.standard(NAME).sort("facility_code")["geometry"].to_list()
    assert rows == [shapely.to_wkb(point)] * 4 + [None]
    assert issues(trial) == {"F": ["GEOMETRY_UNREADABLE"]}


@settings(max_examples=examples(13, 40), deadline=None)
@given(st.floats(-8, 1.5), st.floats(50, 60), st.floats(1, 5000), st.booleans())
def test_a_polygon_keeps_its_shape_through_any_frame(lon: float, lat: float, side: float, high: bool) -> None:
    to_grid = Transformer.from_crs(4326, 27700, always_xy=True)
    x, y = to_grid.transform(lon, lat)
    ring = (
        shapely.force_3d(shapely.box(x, y, x + side, y + side), 7.0) if high else shapely.box(x, y, x + side, y + side)
    )
    texts = pl.Series([shapely.to_wkt(ring, rounding_precision=400), None])
    made = convert_geometries(texts, pl.Series(["EPSG:27700", "EPSG:27700"])).struct.unnest()
    assert made["code"].to_list() == [None, None]
    back = shapely.transform(
        shapely.from_wkb(made["wkb"][0]),
        lambda spots: np.column_stack([*to_grid.transform(*spots[:, :2].T), *spots.T[2:]]),
        include_z=high,
    )
    assert shapely.get_coordinates(back, include_z=high) == pytest.approx(
        shapely.get_coordinates(ring, include_z=high), abs=1e-3
    )


@pytest.mark.parametrize("frame", ["GCJ-02", "BD-09"])
def test_the_frames_of_chinese_maps_move_every_vertex(frame: str) -> None:
    shifted = convert_geometries(
        pl.Series(["POLYGON ((116.4 39.9, 116.5 39.9, 116.5 40, 116.4 39.9))"]), pl.Series([frame])
    )
    (spot, *_) = shapely.get_coordinates(shapely.from_wkb(shifted.struct.field("wkb")[0]))
    assert 0.003 < abs(spot[0] - 116.4) < 0.02


def test_an_unknown_frame_of_a_row_is_refused() -> None:
    texts, frames = pl.Series(["POINT (1 2)", "SRID=999999;POINT (1 2)"]), pl.Series([None, "WGS-84"], dtype=pl.String)
    assert convert_geometries(texts, frames).struct.field("code").to_list() == ["GEOMETRY_FRAME_UNKNOWN"] * 2


@pytest.mark.parametrize("frame", ["WGS-84", "EPSG:25832", "GCJ-02"])
def test_a_geometry_without_points_is_kept_and_has_no_place(frame: str) -> None:
    empty = ["POLYGON EMPTY", "POINT EMPTY", "GEOMETRYCOLLECTION EMPTY", '{"type": "Point", "coordinates": []}']
    made = convert_geometries(pl.Series(empty), pl.Series([frame] * len(empty))).struct.unnest()
    assert made["wkb"].null_count() == 0
    assert made.drop("wkb", "code").null_count().row(0) == (len(empty),) * (made.width - 2)


def test_what_the_reader_writes_beside_a_geometry_is_no_drift(trial: Any) -> None:
    (declare(trial, "geo", ignore=[]) / "a.geojson").write_text(collection([("A", POLYGON)]))
    assert trial.dataset(trial.run(), NAME)["problems"] == []
