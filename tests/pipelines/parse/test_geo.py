"""Files with geometries: a row a feature, attributes as they are, and one column for the geometry."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pipelines.parse.geo_samples import BEIJING, SQUARE, gml, kml, shapefile, write_gdal, zipped


def collection(*features: Any, **members: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", **members, "features": list(features)}).encode()


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


POINT = {"type": "Point", "coordinates": [116.4, 39.9]}
URN = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}


def read(parser: Any, *bodies: bytes, **fmt: Any) -> pl.DataFrame:
    frame: pl.DataFrame = parser(*bodies, format={"type": "geo", **fmt}).frame
    return frame


def problem(parser: Any, *bodies: bytes, **fmt: Any) -> tuple[str, dict[str, Any]]:
    found = parser(*bodies, format={"type": "geo", **fmt}).parsed.problem
    return found.code, dict(found.values)


def column(frame: pl.DataFrame, name: str) -> list[str | None]:
    return frame[name].to_list()


def test_a_polygon_of_geojson_is_one_column(parser: Any) -> None:
    ring = [[float(n), float(n * n)] for n in range(300)] + [[0.0, 0.0]]
    frame = read(parser, collection(feature({"type": "Polygon", "coordinates": [ring]}, name="A")))
    assert frame.columns[:4] == ["name", "geometry", "geometry.crs", "geometry.bbox"]
    assert shapely.from_wkt(frame["geometry"][0]).equals(shapely.Polygon(ring))
    assert column(frame, "geometry.bbox") == ["0.0,0.0,299.0,89401.0"]


def test_properties_of_geojson_keep_every_digit(parser: Any) -> None:
    body = b'{"type":"FeatureCollection","features":[{"type":"Feature","id":7,"properties":{"no":12345678901234567890,'
    body += b'"v":1.50,"at":"2024/01/02","in":{"a":null}},"geometry":null}]}'
    frame = read(parser, body)
    assert frame.drop("_source", "_receipt").row(0, named=True) == {
        "feature.id": "7", "no": "12345678901234567890", "v": "1.50", "at": "2024/01/02", "in.a": None,
        "geometry": None, "geometry.crs": None, "geometry.bbox": None, "_part": "", "_row": 1,
    }  # fmt: skip


def test_mixed_kinds_of_geometries_and_a_third_coordinate_are_kept(parser: Any) -> None:
    line = {"type": "LineString", "coordinates": [[0, 0, 5], [1, 1, 6]]}
    frame = read(parser, collection(feature(POINT), feature(line), feature(None)))
    assert column(frame, "geometry") == [BEIJING, "LINESTRING Z (0 0 5, 1 1 6)", None]


@pytest.mark.parametrize("where", ["before", "after"])
def test_the_reference_system_of_geojson_is_the_stated_one(parser: Any, where: str) -> None:
    body = {"type": "FeatureCollection", "features": [feature(POINT)]}
    told = {"crs": URN, **body} if where == "before" else {**body, "crs": URN}
    assert column(read(parser, json.dumps(told).encode()), "geometry.crs") == ["EPSG:27700"]
    assert column(read(parser, collection(feature(POINT))), "geometry.crs") == ["OGC:CRS84"]


@pytest.mark.parametrize("separator", ["", "\x1e"])
def test_a_feature_on_each_line_is_a_row(parser: Any, separator: str) -> None:
    lines = "".join(f"{separator}{json.dumps(feature(POINT, n=n))}\n" for n in range(3))
    assert column(read(parser, lines.encode()), "n") == ["0", "1", "2"]
    assert column(read(parser, json.dumps(feature(POINT, n=7)).encode()), "n") == ["7"]


def test_geojson_that_says_its_reference_system_is_unknown_is_held_until_the_contract_states_it(parser: Any) -> None:
    body = collection(feature(POINT), crs=None)
    assert problem(parser, body)[0] == "GEO_CRS_MISSING"
    assert column(read(parser, body, crs="EPSG:4490"), "geometry.crs") == ["EPSG:4490"]


def test_a_geometry_that_cannot_be_read_keeps_its_text(parser: Any) -> None:
    bad = {"type": "Polygon", "coordinates": [[[0, 0], [1]]]}
    frame = read(parser, collection(feature(bad, n=1), feature(POINT, n=2)))
    assert column(frame, "geometry") == [json.dumps(bad), BEIJING]
    assert column(frame, "geometry.bbox") == [None, "116.4,39.9,116.4,39.9"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=1, max_size=20))
def test_every_coordinate_reads_back_as_the_same_number(parser: Any, spots: list[tuple[float, float]]) -> None:
    frame = read(parser, collection(feature({"type": "MultiPoint", "coordinates": spots})))
    assert [tuple(each) for each in shapely.get_coordinates(shapely.from_wkt(frame["geometry"][0]))] == spots


def test_a_shapefile_is_read_in_a_folder_of_a_zip(parser: Any, tmp_path: Path) -> None:
    parts = shapefile(tmp_path, {"NAME": ["湖滨", "小营"], "NO": [1, 2]}, encoding="UTF-8")
    members = {f"export/{name.upper()}": body for name, body in parts.items()} | {"__MACOSX/export/._x.shp": b"x"}
    frame = read(parser, zipped(members))
    assert frame.select("NAME", "NO").rows() == [("湖滨", "1"), ("小营", "2")]
    assert set(frame["geometry.crs"]) == {"EPSG:4326"}
    assert shapely.from_wkt(frame["geometry"][0]).equals(shapely.from_wkt(SQUARE))


def test_of_several_shapefiles_the_contract_names_one(parser: Any, tmp_path: Path) -> None:
    body = zipped(shapefile(tmp_path, {"N": [1]}, "a") | shapefile(tmp_path, {"N": [2]}, "b"))
    assert problem(parser, body) == ("GEO_LAYERS", {"file": "in/data.csv", "count": 2, "layers": "a, b", "layer": "a"})
    assert column(read(parser, body, layer="b"), "N") == ["2"]
    assert problem(parser, body, layer="c")[0] == "GEO_LAYER_MISSING"


def test_a_shapefile_without_its_reference_system_or_its_attributes_is_held(parser: Any, tmp_path: Path) -> None:
    parts = shapefile(tmp_path, {"N": [1]})
    without = {
        suffix: {name: body for name, body in parts.items() if not name.endswith(suffix)} for suffix in (".prj", ".dbf")
    }
    assert problem(parser, zipped(without[".prj"]))[0] == "GEO_CRS_MISSING"
    assert column(read(parser, zipped(without[".prj"]), crs="EPSG:4490"), "geometry.crs") == ["EPSG:4490"]
    assert problem(parser, zipped(without[".dbf"]))[0] == "SHAPEFILE_INCOMPLETE"
    assert problem(parser, parts["areas.shp"])[0] == "SHAPEFILE_INCOMPLETE"


def test_a_shapefile_without_its_index_is_read(parser: Any, tmp_path: Path) -> None:
    parts = {name: body for name, body in shapefile(tmp_path, {"N": [1, 2]}).items() if not name.endswith(".shx")}
    assert column(read(parser, zipped(parts)), "N") == ["1", "2"]


def test_attributes_in_gb18030_follow_the_rules_of_encodings(parser: Any, tmp_path: Path) -> None:
    names = ["湖滨街道办事处", "小营街道办事处", "清波街道办事处", "望江街道办事处"] * 3
    parts = shapefile(tmp_path, {"NAME": names}, encoding="GB18030")
    known = {name: body for name, body in parts.items() if not name.endswith(".cpg")}
    for members, fmt in ((parts, {}), (known, {"encoding": "gb18030"}), (known, {})):
        assert column(read(parser, zipped(members), **fmt), "NAME") == names
    lying = known | {"areas.cpg": b"UTF-8"}
    assert problem(parser, zipped(lying))[0] == "ENCODING_WRONG"
    assert column(read(parser, zipped(lying), encoding="gb18030"), "NAME") == names


def test_numbers_of_a_shapefile_keep_every_digit_and_deleted_records_are_left_out(parser: Any, tmp_path: Path) -> None:
    parts = shapefile(tmp_path, {"NO": ["x" * 19] * 3, "V": [1.5, 2.5, 3.5]})
    body = bytearray(parts["areas.dbf"])
    start, size = int.from_bytes(body[8:10], "little"), int.from_bytes(body[10:12], "little")
    body[32 + 11] = ord("N")
    for row in range(3):
        at = start + row * size
        field = f"{9007199254740993 + row:>{body[32 + 16]}}".encode()
        body[at + 1 : at + 1 + len(field)] = field
    body[start + size] = ord("*")
    frame = read(parser, zipped(parts | {"areas.dbf": bytes(body)}))
    assert column(frame, "NO") == ["9007199254740993", "9007199254740995"]


def test_the_layers_of_a_geopackage(parser: Any, tmp_path: Path) -> None:
    path = write_gdal(tmp_path / "x.gpkg", "GPKG", [BEIJING, None, SQUARE], {"name": ["a", "b", "c"]}, layer="sites")
    frame = read(parser, path.read_bytes())
    assert frame.select("name", "geometry").rows()[:2] == [("a", BEIJING), ("b", None)]
    write_gdal(path, "GPKG", [BEIJING], {"n": [9007199254740993]}, layer="other", append=True)
    assert problem(parser, path.read_bytes())[0] == "GEO_LAYERS"
    assert column(read(parser, path.read_bytes(), layer="other"), "n") == ["9007199254740993"]


SITE = '<x:site gml:id="s1"><x:no>00123456789012345678901</x:no><x:v>1.50</x:v><x:g>{}</x:g></x:site>'
SPOT = '<gml:Point srsName="urn:ogc:def:crs:EPSG::4326" gml:id="p"><gml:pos>39.9 116.4</gml:pos></gml:Point>'


def test_gml_is_read_with_its_axes_in_order_and_its_numbers_as_text(parser: Any) -> None:
    frame = read(parser, gml(SITE.format(SPOT), SITE.format("")))
    assert frame.select("no", "v", "geometry", "geometry.crs").rows() == [
        ("00123456789012345678901", "1.50", BEIJING, "EPSG:4326"),
        ("00123456789012345678901", "1.50", None, None),
    ]


def test_a_curve_is_kept_as_text_that_its_binding_refuses(parser: Any) -> None:
    arc = "<gml:Arc><gml:posList>0 0 1 1 2 0</gml:posList></gml:Arc>"
    arc = f'<gml:Curve srsName="urn:ogc:def:crs:EPSG::4326" gml:id="q"><gml:segments>{arc}</gml:segments></gml:Curve>'
    frame = read(parser, gml(SITE.format(SPOT), SITE.format(arc)))
    assert frame["geometry"][0] == BEIJING
    assert frame["geometry"][1].startswith("0108000000")


def test_entities_are_refused_and_no_driver_asks_a_network(parser: Any, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    prolog = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'
    assert problem(parser, gml(SITE.format("&e;"), prolog=prolog))[0] == "XML_UNSAFE"
    assert problem(parser, kml("<name>&e;</name>").replace(b"<kml", prolog.encode() + b"<kml"))[0] == "XML_UNSAFE"
    service = b'<WFS_Capabilities xmlns:gml="http://www.opengis.net/gml"/>'
    assert problem(parser, service)[0] == "GEO_KIND_UNKNOWN"
    assert (
        problem(parser, b"<OGRWFSDataSource><URL>http://127.0.0.1/</URL></OGRWFSDataSource>")[0] == "GEO_KIND_UNKNOWN"
    )


def test_only_the_drivers_of_the_formats_are_loaded() -> None:
    code = "from citylake.pipelines.parse.geo.gdal_layers import _gdal; print(*sorted(_gdal().list_drivers()))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "ESRI Shapefile GML GPKG MEM"


def test_placemarks_of_kml_with_their_data(parser: Any) -> None:
    data = (
        '<Data name="name"><value>inner</value></Data><SchemaData><SimpleData name="no">0010</SimpleData></SchemaData>'
    )
    data = f"<ExtendedData>{data}</ExtendedData>"
    point = "<Point><coordinates> 116.4,39.9,0 </coordinates></Point>"
    line = "<LineString><coordinates>0,0 1,1</coordinates></LineString>"
    frame = read(
        parser,
        kml(
            f"<name>A</name>{data}{point}", f"<MultiGeometry>{line}{line}</MultiGeometry>", "<name>B</name>",
            f"<MultiGeometry>{line}<Point><coordinates>5,5</coordinates></Point></MultiGeometry>",
            "<Point><coordinates>x,y</coordinates></Point>",
        ),
    )  # fmt: skip
    assert column(frame, "name") == ["A", None, "B", None, None]
    assert frame.select("ExtendedData.name", "no").row(0) == ("inner", "0010")
    assert column(frame, "geometry") == [
        "POINT Z (116.4 39.9 0)", "MULTILINESTRING ((0 0, 1 1), (0 0, 1 1))", None,
        "GEOMETRYCOLLECTION (LINESTRING (0 0, 1 1), POINT (5 5))", "POINT (x y)",
    ]  # fmt: skip


def test_a_kmz_is_a_zip_with_kml(parser: Any) -> None:
    body = kml("<name>A</name><Point><coordinates>116.4,39.9</coordinates></Point>")
    assert column(read(parser, zipped({"doc.kml": body, "files/icon.png": b"\x89PNG"})), "geometry") == [BEIJING]


@pytest.mark.parametrize(
    ("column_of_file", "found"),
    [
        ({"encoding": "WKB"}, "OGC:CRS84"),
        ({"encoding": "WKB", "crs": {"id": {"authority": "EPSG", "code": 27700}}}, "EPSG:27700"),
    ],
)
def test_geoparquet_says_which_column_has_the_geometries(parser: Any, column_of_file: Any, found: str) -> None:
    wkb = shapely.to_wkb(shapely.from_wkt(BEIJING))
    table = pa.table({"n": pa.array([1, 2]), "shape": pa.array([wkb, None])})
    told = {"version": "1.1.0", "primary_column": "shape", "columns": {"shape": column_of_file}}
    held = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(told)}), held)
    frame = read(parser, held.getvalue())
    assert frame.select("n", "geometry", "geometry.crs").rows() == [("1", BEIJING, found), ("2", None, None)]
    plain = io.BytesIO()
    pq.write_table(table, plain)
    assert problem(parser, plain.getvalue())[0] == "GEO_BROKEN"


@pytest.mark.parametrize(
    "body", [b"a,b\n1,2\n", b"SQLite format 3\0" + bytes(100), b"<html/>", zipped({"a.txt": b"x"})]
)
def test_another_file_is_refused_by_name(parser: Any, body: bytes) -> None:
    assert problem(parser, body)[0] == "GEO_KIND_UNKNOWN"


def test_a_broken_file_is_a_fault_of_the_source(parser: Any, tmp_path: Path) -> None:
    parts = shapefile(tmp_path, {"N": [1, 2]})
    cut = parts | {"areas.dbf": parts["areas.dbf"][:-8]}
    assert problem(parser, zipped(cut))[0] == "GEO_BROKEN"
    package = write_gdal(tmp_path / "x.gpkg", "GPKG", [BEIJING], {"name": ["a"]}).read_bytes()
    assert problem(parser, package[:5000])[0] == "GEO_BROKEN"
    assert problem(parser, b"")[0] == "FILE_EMPTY"


def test_the_kind_that_the_contract_states_is_required(parser: Any) -> None:
    assert problem(parser, collection(feature(POINT)), kind="gml") == (
        "FILE_IS_OTHER", {"file": "in/data.csv", "row": 1, "expected": "gml", "found": "geojson"},
    )  # fmt: skip
