"""Valid small inputs of every format, made by code: what the fuzz tests damage."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from google.transit.gtfs_realtime_pb2 import FeedMessage

from citylake.infra.city.protocols.hj212_frames import hj212_frame, hj212_message, hj212_segments
from citylake.infra.city.protocols.jt808_frames import (
    jt808_batch,
    jt808_content,
    jt808_frame,
    jt808_position,
    jt808_subpackages,
)
from tests.pipelines.parse import geo_samples
from tests.pipelines.parse.test_datex2 import FLOW, RATE, measured, sites
from tests.pipelines.parse.test_hj212_capture import capture_of, pcap
from tests.pipelines.parse.xlsx.workbooks import workbook, workbook_of

TABLE = (("站点", "time", "v"), ("甲", "2026-03-01 00:00", "1.5"), ("乙,b", "2026-03-01 01:00", "-2"), ("", "x", "1e3"))
FEATURE = {
    "type": "Feature",
    "properties": {"n": 1.50, "名": "甲"},
    "geometry": {"type": "Point", "coordinates": [1, 2]},
}


@dataclass(frozen=True, slots=True)
class FuzzCase:
    """Bytes for one reader; ``settings`` are what a contract's ``format`` says, without the type."""

    reader: str
    bodies: tuple[bytes, ...]
    settings: dict[str, Any] = field(default_factory=dict)
    name: str = "data.bin"


@cache
def seeds() -> dict[str, tuple[FuzzCase, ...]]:
    """The inputs by reader."""
    made = [*_text_seeds(), *_json_seeds(), *_binary_seeds(), *_geo_seeds(), *_other_seeds()]
    readers = dict.fromkeys(each.reader for each in made)
    return {reader: tuple(each for each in made if each.reader == reader) for reader in readers}


def _csv(delimiter: str = ",", end: str = "\n", quote: str = '"') -> str:
    return end.join(delimiter.join(f"{quote}{cell}{quote}" for cell in row) for row in TABLE) + end


def _text_seeds() -> Iterator[FuzzCase]:
    for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "big5", "euc-kr", "cp1251", "cp1252"):
        body = _csv().encode(encoding, "replace")
        yield FuzzCase("csv", (body,))
        yield FuzzCase("csv", (body,), {"encoding": encoding})
    for delimiter, end, quote in ((";", "\r\n", ""), ("\t", "\r", '"'), ("|", "\n", '"'), ("||", "\n", "")):
        yield FuzzCase("csv", (_csv(delimiter, end, quote).encode(),), {"delimiter": delimiter, "quote": quote})
        yield FuzzCase("csv", (_csv(delimiter, end, quote).encode(),))
    titled = f"# note\n标题,,\n{_csv()}合计,,3\n".encode()
    yield FuzzCase("csv", (titled,), {"title_rows": 1, "comment": "#", "footer": "^合计"})
    yield FuzzCase("csv", (titled,), {"bad_rows": "hold"})
    yield FuzzCase("csv", (b'a,a,b\n1,1,"x\\"y"\n\\N,2,3\n',), {"duplicate_columns": "rename", "escape": "\\"})
    yield FuzzCase("csv", (b"1,2\n3,4\n",), {"header": ["a", "b"], "max_field_bytes": 64})
    yield FuzzCase("csv", (b"a  b   c\n1  2   3\n",), {"delimiter": "whitespace"})
    fixed = "站点1 2026-03-01   1.5\nAB   2026-03-02  -2.0\n".encode()
    yield FuzzCase("fixed_width", (fixed,), {"widths": {"a": 5, "b": 10, "c": 6}})
    yield FuzzCase("fixed_width", (fixed,), {"widths": {"a": 5, "b": 10, "c": 6}, "short_lines": "blank"})
    yield from _hj212_seeds()


def _hj212_seeds() -> Iterator[FuzzCase]:
    head = {"QN": "1", "ST": "31", "CN": "2061", "PW": "1", "MN": "A", "Flag": "7"}
    factors = {"a21026": {"Avg": "1", "Flag": "N"}, "a1": {"Info": "故障"}}
    texts = [hj212_message(head, {"DataTime": "20260301000000"}, factors), *hj212_segments(head, {}, [factors, {}])]
    frames = b"".join(hj212_frame(text.encode("gb18030")) for text in texts)
    yield FuzzCase("hj212", (frames,))
    packets = [(7 + at, frames[at : at + 90]) for at in range(0, len(frames), 90)]
    yield FuzzCase("hj212", (pcap(capture_of(packets[::-1])),))
    yield FuzzCase("hj212", (b"log " + frames, frames), {"rows": "messages", "encoding": "utf-8"})


def _json_seeds() -> Iterator[FuzzCase]:
    rows = [{"a": 1, "名": "甲", "o": {"p": [1, {"q": None}]}}, {"a": -1.50e3, "名": "\U0001f600", "o": {"p": []}}]
    body = json.dumps({"code": 0, "data": {"rows": rows}}).encode()
    yield FuzzCase("json", (json.dumps(rows, ensure_ascii=True).encode(),))
    yield FuzzCase("json", (body,), {"records": "data.rows"})
    yield FuzzCase("json", (body,), {"records": "data.rows", "explode": "o.p"})
    yield FuzzCase("json", (b"\n".join(json.dumps(row).encode() for row in rows),), {"lines": True})
    yield FuzzCase("json", (b'{"hourly": {"time": ["1", "2"], "pm": [1, null]}, "s": "x"}',), {"columns": "hourly"})
    yield FuzzCase(
        "json", (b'[{"t": ["a", "b"], "i": "2026-03-01/2026-03-02"}]',), {"lists": {"t": ";"}, "intervals": ["i"]}
    )
    yield FuzzCase("json", (json.dumps({"text": json.dumps(rows)}).encode(),), {"unwrap": ["text"], "records": "text"})
    shape = {
        "spatialReference": {"wkid": 102100},
        "features": [{"attributes": {"id": 1}, "geometry": {"x": 1e6, "y": 2e6}}],
    }
    yield FuzzCase("arcgis", (json.dumps(shape).encode(),))
    ring = {"rings": [[[0, 0], [0, 9], [9, 9], [0, 0]]]}
    yield FuzzCase(
        "arcgis",
        (
            json.dumps(
                {"spatialReference": {"wkid": 4326}, "features": [{"attributes": {"a": None}, "geometry": ring}]}
            ).encode(),
        ),
    )
    head = {"records": None, "columns": [{"name": "a", "type": "number"}, {"name": "p", "type": "point"}]}
    page = [{"a": "1", "p": {"type": "Point", "coordinates": [121.5, 31.2]}}]
    yield FuzzCase("portal", (json.dumps(head).encode(), json.dumps(page).encode()))


def parquet_bytes(table: pa.Table, **options: Any) -> bytes:
    """The table as a file."""
    held = io.BytesIO()
    pq.write_table(table, held, **options)
    return held.getvalue()


def _jt808_seeds() -> Iterator[FuzzCase]:
    numbers = {"alarm": 2, "status": 3, "latitude": 1, "longitude": 2, "altitude": 3, "speed": 4, "direction": 5}
    place = jt808_position(numbers, "260301080000", {1: b"\x00\x00\x7e\x7d", 3: b"\x01"})
    parts = jt808_subpackages(0x0704, "19900000001", 8, jt808_batch([place, place]), 30)
    contents = [jt808_content(0x0200, "19900000001", 7, place, dated=True), *parts]
    yield FuzzCase("jt808", (b"".join(map(jt808_frame, contents)),))


def _binary_seeds() -> Iterator[FuzzCase]:
    yield from _jt808_seeds()
    table = pa.table({
        "i": pa.array([1, None, 3]), "f": [1.5, float("nan"), -0.0], "s": ["甲", None, "x"],
        "t": pa.array([0, 1, 2], pa.timestamp("us", "Asia/Shanghai")), "l": [[1], [], None],
        "m": [{"p": 1}, None, {"p": 2}], "d": pa.array(["a", "a", "b"]).dictionary_encode(),
    })  # fmt: skip
    yield FuzzCase("parquet", (parquet_bytes(table),))
    yield FuzzCase(
        "parquet", (parquet_bytes(table, compression="none", use_dictionary=False, data_page_version="2.0"),)
    )
    yield FuzzCase("xlsx", (workbook(_fill_sheet),))
    yield FuzzCase(
        "xlsx", (workbook_of({"a": _fill_sheet, "b": _fill_sheet}),), {"sheets": ["*"], "sheet_field": "sheet"}
    )
    yield FuzzCase("xlsx", (workbook(_fill_sheet),), {"header_rows": 2})
    message = FeedMessage()
    message.header.gtfs_realtime_version, message.header.timestamp = "2.0", 1_772_294_400
    update = message.entity.add(id="a").trip_update
    update.trip.trip_id = "t"
    update.stop_time_update.add(stop_sequence=1, stop_id="x").arrival.delay = -5
    position = message.entity.add(id="b").vehicle.position
    position.latitude, position.longitude = 1.5, 2.5
    message.entity.add(id="c").alert.informed_entity.add(route_id="r")
    for rows in ("stop_time_updates", "trip_updates", "vehicles", "alerts"):
        yield FuzzCase("gtfs_rt", (message.SerializePartialToString(),), {"rows": rows})
    feed = {"stops.txt": b"\xef\xbb\xbfstop_id,stop_name\r\n1,\xe7\x94\xb2\r\n2,\r\n", "agency.txt": b"agency_id\n1\n"}
    yield FuzzCase("gtfs", (geo_samples.zipped(feed),), {"table": "stops"})


def _fill_sheet(sheet: Any, styles: dict[str, Any]) -> None:
    sheet.write_row(0, 0, ["站点", "time", "v"])
    sheet.write_row(1, 0, ["甲", 45_000.5, 1.25])
    sheet.write_number(2, 1, 45_001, styles["t"])
    sheet.write_formula(2, 2, "=1+1", None, 2)
    sheet.merge_range(3, 0, 4, 0, "合")
    sheet.write_boolean(4, 2, boolean=True)


def _geo_seeds() -> Iterator[FuzzCase]:
    collection = {"type": "FeatureCollection", "features": [FEATURE, {**FEATURE, "geometry": None}]}
    yield FuzzCase("geo", (json.dumps(collection, ensure_ascii=False).encode(),))
    yield FuzzCase("geo", (b"\n".join(json.dumps(FEATURE).encode() for _ in range(2)),))
    yield FuzzCase("geo", (geo_samples.kml("<name>a</name><Point><coordinates>1,2,3</coordinates></Point>"),))
    point = '<gml:Point srsName="EPSG:4326"><gml:pos>1 2</gml:pos></gml:Point>'
    yield FuzzCase("geo", (geo_samples.gml(f'<x:a gml:id="i"><x:n>01</x:n><x:g>{point}</x:g></x:a>'),))
    told = {"version": "1.1.0", "primary_column": "shape", "columns": {"shape": {"encoding": "WKB"}}}
    wkb = shapely.to_wkb(shapely.from_wkt(geo_samples.SQUARE))
    table = pa.table({"n": [1, 2], "shape": pa.array([wkb, None])}).replace_schema_metadata({"geo": json.dumps(told)})
    yield FuzzCase("geo", (parquet_bytes(table),))
    with tempfile.TemporaryDirectory() as folder:
        parts = geo_samples.shapefile(Path(folder), {"name": ["a", "b"], "v": [1, 2]})
        path = geo_samples.write_gdal(Path(folder) / "a.gpkg", "GPKG", [geo_samples.BEIJING, None], {"n": ["a", "b"]})
        yield FuzzCase("geo", (geo_samples.zipped(parts),))
        yield FuzzCase("geo", (path.read_bytes(),))


def _other_seeds() -> Iterator[FuzzCase]:
    values = [FLOW.format("", RATE.format(60)), FLOW.format(' numberOfIncompleteInputs="1"', RATE.format("-1"))]
    yield FuzzCase("datex2", (measured(*values).encode(), sites(("a", "1")).encode()))
    yield FuzzCase("datex2", (gzip.compress(measured(*values).encode(), mtime=0),))
    text = _csv().encode()
    zstd = pa.compress(text, codec="zstd", asbytes=True)
    for packed in (gzip.compress(text, mtime=0), bz2.compress(text), lzma.compress(text), zstd):
        yield FuzzCase("compressed", (packed,))
    yield FuzzCase(
        "zip", (geo_samples.zipped({"a.csv": text, "中/b.csv": text, "c.txt": b"x"}),), {"member": "**/*.csv"}
    )
    for each in (text, json.dumps([FEATURE]).encode(), geo_samples.zipped({"a.csv": text}), workbook(_fill_sheet)):
        yield FuzzCase("onboard", (each,))
    yield FuzzCase("onboard", (_csv(";").encode("gb18030"),), name="data.csv")
    yield FuzzCase("onboard", (parquet_bytes(pa.table({"a": [1]})),))
    for name in ("elements/all.yaml", "datasets/a/b.yaml", "workspace.yaml", "codes/c.yaml", "marts/m/mart.yaml"):
        yield FuzzCase("declaration", (DECLARATIONS[name],), name=name)
    yield FuzzCase("values", ("\n".join(VALUES).encode(),))


DECLARATIONS = {
    "workspace.yaml": (Path(__file__).parents[1] / "all_packs/workspace.yaml").read_bytes(),
    "elements/all.yaml": "- id: traffic.speed2\n  symbol: speed2_kmh\n  name: {zh: 速度, en: speed}\n"
    "  definition: {zh: 速度, en: speed}\n  object_class: 路段\n  property: 速度\n  representation: quantity\n"
    "  type: decimal\n  format: n..5,1\n  unit: km/h\n  range: [0, 200]\n".encode(),
    "datasets/a/b.yaml": "dataset: a.b\ntitle: {zh: 数, en: data}\nowner: {department: 局}\n"
    "source: {connector: files, path: 'x/*.csv', format: {type: csv, encoding: gb18030}}\n"
    "fields:\n  t: {element: time.observed_at, format: '%Y-%m-%d', zone: Asia/Shanghai}\n"
    "rules:\n  - {issue: ODD_FLOW, when: 'flow_veh % 2 = 1', severity: error}\n"
    "write: {mode: append}\nexpect: {rows: {min: 1}, freshness: 26h}\n".encode(),
    "codes/c.yaml": "- id: traffic.kind2\n  name: {zh: 类, en: kind}\n  values:\n"
    "    - {code: K1, name: {zh: 大, en: big}}\n".encode(),
    "marts/m/mart.yaml": "mart: m\ntitle: {zh: 库, en: mart}\ntables: {}\n".encode(),
}
"""The files of a small workspace."""

VALUES = (
    "2026-03-01 00:00:00", "1", "-1.5", "1,234.5", "１２", "1e5", "-9999", "NaN", "", "2026-02-30 24:00:00", "0x10",
    "1 2", "POINT (1 2)", '{"type":"Point","coordinates":[1,2]}', "116.4,39.9", "0103", "12:30", "1772294400000",
    "<0.01", "K1",
)  # fmt: skip
"""Texts that a field may hold."""
