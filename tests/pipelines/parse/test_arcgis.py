"""Esri JSON: attributes as they came, geometry in WGS-84 beside the text that it was."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from citylake.pipelines.parse.arcgis import arcgis_reader as arcgis

MERCATOR = {"wkid": 102100, "latestWkid": 3857}
WGS84 = {"wkid": 4326}
SQUARE = [[0, 0], [0, 10], [10, 10], [10, 0], [0, 0]]
HOLE = [[2, 2], [4, 2], [4, 4], [2, 4], [2, 2]]
FAR = [[20, 0], [20, 5], [25, 5], [25, 0], [20, 0]]
FAR_HOLE = [[21, 1], [22, 1], [22, 2], [21, 2], [21, 1]]


def page(*shapes: Any, **members: Any) -> bytes:
    features = [{"attributes": {"id": n}, "geometry": shape} for n, shape in enumerate(shapes, 1)]
    return json.dumps({"spatialReference": WGS84, **members, "features": features}).encode()


def column(outcome: Any, name: str) -> list[Any]:
    return list(outcome.frame[f"geometry.{name}"])


def test_attributes_keep_their_names_their_padding_and_every_digit(parser: Any) -> None:
    body = b'{"features": [{"attributes": {"Name": " a ", "n": 1.50, "at": 1428404675000, "ok": null}}]}'
    outcome = parser(body, format="arcgis")
    assert outcome.parsed.columns == ("Name", "n", "at", "ok")
    assert outcome.rows == [(" a ", "1.50", "1428404675000", None)]


def test_degrees_of_wgs84_are_the_same_numbers_and_the_geometry_the_same_text(parser: Any) -> None:
    shape = b'{"x": -118.26612584395593,  "y":4.50e1}'
    body = b'{"spatialReference": {"wkid": 4326}, "features": [{"attributes": {}, "geometry": ' + shape + b"}]}"
    outcome = parser(body, format="arcgis")
    assert (column(outcome, "longitude"), column(outcome, "latitude")) == (["-118.26612584395593"], ["45.0"])
    assert column(outcome, "source") == [shape.decode()]


DEGREES = st.tuples(st.floats(-179.9, 179.9), st.floats(-84.0, 84.0))


@settings(max_examples=40, deadline=None)
@given(places=st.lists(DEGREES, min_size=1, max_size=5))
def test_points_in_another_reference_are_where_they_were(parser: Any, places: list[tuple[float, float]]) -> None:
    forth = Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)
    shapes = [dict(zip("xy", forth.transform(*place), strict=True)) for place in places]
    outcome = parser(page(*shapes, spatialReference=MERCATOR), format="arcgis")
    found = zip(map(float, column(outcome, "longitude")), map(float, column(outcome, "latitude")), strict=True)
    assert all(pair == pytest.approx(place, abs=1e-9) for pair, place in zip(found, places, strict=True))
    assert [json.loads(text) for text in column(outcome, "source")] == shapes
    assert set(column(outcome, "wkid")) == {"3857"}


def test_east_comes_first_where_the_reference_itself_has_north_first(parser: Any) -> None:
    outcome = parser(page({"x": 500000, "y": 4649776}, spatialReference={"wkid": 32633}), format="arcgis")
    assert float(column(outcome, "longitude")[0]) == pytest.approx(15.0, abs=1e-9)
    assert float(column(outcome, "latitude")[0]) == pytest.approx(42.0, abs=1e-4)


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        ({"points": [[1, 2], [3, 4]]}, "MULTIPOINT ((1.0 2.0), (3.0 4.0))"),
        ({"paths": [[[1, 2], [3, 4]]]}, "LINESTRING (1.0 2.0, 3.0 4.0)"),
        ({"paths": [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]}, "MULTILINESTRING ((1.0 2.0, 3.0 4.0), (5.0 6.0, 7.0 8.0))"),
        ({"hasZ": True, "paths": [[[1, 2, 9], [3, 4, 9]]]}, "LINESTRING (1.0 2.0, 3.0 4.0)"),
        ({"xmin": 0, "ymin": 1, "xmax": 2, "ymax": 3}, "POLYGON ((0.0 1.0, 0.0 3.0, 2.0 3.0, 2.0 1.0, 0.0 1.0))"),
        ({"rings": [SQUARE[:-1]]}, "POLYGON ((0.0 0.0, 0.0 10.0, 10.0 10.0, 10.0 0.0, 0.0 0.0))"),
        ({"rings": []}, "MULTIPOLYGON EMPTY"),
    ],
)
def test_every_kind_of_geometry_but_a_point_is_wkt(parser: Any, shape: Any, text: str) -> None:
    outcome = parser(page(shape), format="arcgis")
    assert column(outcome, "wkt") == [text]
    assert json.loads(column(outcome, "source")[0]) == shape
    assert "geometry.longitude" not in outcome.parsed.columns


def test_holes_belong_to_the_ring_around_them_in_whatever_order(parser: Any) -> None:
    outcome = parser(page({"rings": [FAR_HOLE, SQUARE, HOLE, FAR]}), format="arcgis")
    polygons = column(outcome, "wkt")[0].removeprefix("MULTIPOLYGON (((")[:-3].split(")), ((")
    starts = [[ring.split(",")[0] for ring in polygon.split("), (")] for polygon in polygons]
    assert starts == [["0.0 0.0", "2.0 2.0"], ["20.0 0.0", "21.0 1.0"]]


def test_a_feature_without_geometry_and_an_empty_point_have_nulls(parser: Any) -> None:
    outcome = parser(page(None, {}, {"x": "NaN", "y": "NaN"}, {"x": 1, "y": 2}), format="arcgis")
    assert column(outcome, "longitude") == [None, None, None, "1.0"]
    assert column(outcome, "source") == [None, None, '{"x": "NaN", "y": "NaN"}', '{"x": 1, "y": 2}']


def test_a_page_says_its_columns_even_where_it_has_no_features(parser: Any) -> None:
    fields = [{"name": "id", "type": "esriFieldTypeOID"}, {"name": "Shape", "type": "esriFieldTypeGeometry"}]
    outcome = parser(page(fields=fields, geometryType="esriGeometryPoint"), format="arcgis")
    assert outcome.parsed.columns == (
        "id",
        *(f"geometry.{name}" for name in ("longitude", "latitude", "source", "wkid")),
    )
    assert outcome.rows == []


def test_a_place_that_the_projection_does_not_reach_is_no_number(parser: Any) -> None:
    outcome = parser(page({"x": 1e9, "y": 1e9}, spatialReference={"wkid": 32633}), format="arcgis")
    assert column(outcome, "longitude") == ["inf"]


def test_pages_and_features_are_numbered_and_a_feature_may_have_its_own_reference(parser: Any) -> None:
    shape = {"x": 111319.49079327358, "y": 0, "spatialReference": MERCATOR}
    outcome = parser(page({"x": 1, "y": 0}), page({"x": 1, "y": 0}, shape), format="arcgis")
    assert outcome.frame.select("_part", "_row").rows() == [("1", 1), ("2", 1), ("2", 2)]
    assert [float(text) for text in column(outcome, "longitude")] == pytest.approx([1, 1, 1])
    assert column(outcome, "wkid") == ["4326", "4326", "3857"]


@pytest.mark.parametrize("limit", ["BATCH_ROWS", "BATCH_CHARS"])
def test_however_few_features_are_held_at_a_time_the_table_is_the_same(
    parser: Any, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    own = {"x": 111319.49079327358, "y": 0, "spatialReference": MERCATOR}
    body = page({"x": 1, "y": 2}, None, {"rings": [SQUARE]}, own, None, {"x": 3, "y": 4}, {"paths": [FAR]})
    columns = ["id", *(f"geometry.{name}" for name in ("longitude", "latitude", "wkt", "source", "wkid")), "_row"]
    whole = parser(body, format="arcgis").frame.select(columns)
    monkeypatch.setattr(arcgis, limit, 2)
    assert parser(body, format="arcgis").frame.select(columns).equals(whole)


def test_the_spatial_reference_may_come_behind_the_features(parser: Any) -> None:
    body = b'{"features": [{"attributes": {}, "geometry": {"x": 1, "y": 2}}], "spatialReference": {"wkid": 4326}}'
    assert column(parser(body, format="arcgis"), "longitude") == ["1.0"]


@pytest.mark.parametrize("reference", [None, {}, {"wkid": 999999}, {"wkt": "PROJCS[nonsense"}])
def test_an_unknown_spatial_reference_is_told_with_the_feature(parser: Any, reference: Any) -> None:
    problem = parser(page(None, {"x": 1, "y": 2}, spatialReference=reference), format="arcgis").parsed.problem
    assert (problem.code, problem.values["row"]) == ("SPATIAL_REFERENCE_UNKNOWN", 2)


def test_a_reference_may_be_given_as_wkt(parser: Any) -> None:
    from pyproj import CRS

    said = CRS.from_epsg(3857).to_wkt("WKT1_ESRI")
    outcome = parser(page({"x": 111319.49079327358, "y": 0}, spatialReference={"wkt": said}), format="arcgis")
    assert float(column(outcome, "longitude")[0]) == pytest.approx(1)


@pytest.mark.parametrize(
    "shape", [{"curvePaths": [[[0, 0]]]}, {"rings": [[["a", "b"]]]}, {"rings": 5}, "POINT (1 2)", {"x": "east", "y": 1}]
)
def test_a_geometry_that_is_not_understood_is_told_and_nothing_is_kept(parser: Any, shape: Any) -> None:
    problem = parser(page(None, shape), format="arcgis").parsed.problem
    assert (problem.code, problem.values["row"]) == ("GEOMETRY_UNKNOWN", 2)


def test_a_failure_that_was_saved_and_a_column_of_the_geometrys_name_are_told(parser: Any) -> None:
    saved = parser(b'{"error": {"code": 500, "message": "x"}}', format="arcgis").parsed.problem
    assert (saved.code, saved.values["path"]) == ("JSON_NO_RECORDS", "features")
    body = (
        b'{"spatialReference":{"wkid":4326},"features":[{"attributes":{"geometry.wkid":1},"geometry":{"x":1,"y":2}}]}'
    )
    assert parser(body, format="arcgis").parsed.problem.code == "JSON_COLUMN_CLASH"
    for cut in (
        b'{"features": [{"attributes": {"a": 1',
        b'{"features": [{"attributes": {}, "geometry": {"x": 1, "y": 2}}]',
    ):
        assert parser(cut, format="arcgis").parsed.problem.code == "JSON_BROKEN"


def test_whole_numbers_that_are_written_as_floats_are_whole_numbers(parser: Any) -> None:
    fields = [{"name": "ID", "type": "esriFieldTypeOID"}, {"name": "x", "type": "esriFieldTypeDouble"}]
    fields.append({"name": "n", "type": "esriFieldTypeInteger"})
    head = json.dumps({"fields": fields})[:-1].encode()
    rows = b'{"attributes": {"ID": 6.4579816E7, "x": 6.5E1, "n": 1.5}}, {"attributes": {"ID": 2, "x": 1.0, "n": 3.0}}'
    outcome = parser(head + b', "features": [' + rows + b"]}", format="arcgis")
    assert outcome.rows == [("64579816", "6.5E1", "1.5"), ("2", "1.0", "3")]
