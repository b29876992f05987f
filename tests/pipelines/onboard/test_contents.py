"""Files and documents are known by their first bytes."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from typing import Any

import pytest
import xlsxwriter

from citylake.pipelines.onboard.detect_content import detect_content
from citylake.pipelines.pull.http.response_head import ResponseHead


def beginning(body: bytes, url: str = "http://city/x") -> ResponseHead:
    return ResponseHead(url, 200, {}, body, whole=True)


def zipped(*names: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name in names:
            archive.writestr(name, "a,b\n1,2\n")
    return held.getvalue()


def workbook() -> bytes:
    held = io.BytesIO()
    with xlsxwriter.Workbook(held) as book:
        book.add_worksheet().write(0, 0, "a")
    return held.getvalue()


KNOWN = {
    "csv": b"a,b\n1,2\n3,4\n",
    "parquet": b"PAR1....",
    "xlsx": workbook(),
    "geo": b'{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": null}]}',
    "gtfs": zipped("agency.txt", "stop_times.txt"),
    "zip": zipped("a.csv"),
    "datex2": b'<?xml version="1.0"?>\n<!-- x --><d2:messageContainer xmlns:d2="u">',
    "xml": b"<rows><row/></rows>",
    "page": b"<!DOCTYPE html><html><title>Open data</title></html>",
    "json_lines": b'{"a": 1}\n{"a": 2}\n',
    "unknown": b"\x00\x01\x02",
}


@pytest.mark.parametrize("why", KNOWN)
def test_a_file_is_known_by_its_first_bytes(why: str) -> None:
    guess = detect_content(beginning(KNOWN[why]))
    assert guess.why == why
    assert bool(guess.source) == (why not in ("zip", "xml", "page", "unknown"))


ALIGNED = b"id name   n\n1  New Y  2\n2  Bath   4\n3  St Ely 5\n4  Ely    6\n"
PROSE = b"Dear all,\nthe data, as agreed, is late.\nIt comes soon.\n\nBest, A.\n"
ODD = {
    "a table of one column, by its name": ({}, "http://city/x.csv", b"name\nA\nB\n", "csv"),
    "a header alone, by its type": ({"content-type": "text/csv"}, "http://city/x", b"a,b\n", "csv"),
    "UTF-16": ({}, "http://city/x", "a,b\n1,2\n".encode("utf-16"), "csv"),
    "titles above a table": ({}, "http://city/x", b"Trips\nby day\n\na,b,c\n1,x,2\n2,y,3\n4,z,4\n", "csv"),
    "columns at fixed places": (
        {},
        "http://city/x",
        b"id name   n\n1  New Y  2\n2  Bath   4\n3  St Ely 5\n4  Ely    6\n",
        "csv",
    ),
    "a packed table": ({}, "http://city/x", gzip.compress(b"a,b\n1,2\n3,4\n"), "csv"),
    "packed JSON": ({}, "http://city/x", gzip.compress(b'[{"a": 1}]'), "json"),
    "prose": (
        {},
        "http://city/x",
        b"Dear all,\nthe data, as agreed, is late.\nIt comes soon.\n\nBest, A.\n",
        "unknown",
    ),
    "lines of text": ({}, "http://city/x", b"one\ntwo\n", "unknown"),
    "nothing at all": ({"content-type": "text/csv"}, "http://city/x.csv", b"", "unknown"),
    "a number": ({}, "http://city/x", b"42", "unknown"),
    "a piece of a web page": ({}, "http://city/x", b"<p>No such page, sorry</p>", "page"),
    "a list within a list within a list": ({}, "http://city/x", b"[" * 100_000, "json"),
}


@pytest.mark.parametrize("what", ODD)
def test_an_odd_answer_is_known_or_said_to_be_unknown(what: str) -> None:
    headers, url, body, why = ODD[what]
    assert detect_content(ResponseHead(url, 200, headers, body, whole=True)).why == why


def test_a_size_that_is_no_number_is_an_ordinary_parameter() -> None:
    found = source({"total": 9, "rows": [{"a": 1}]}, "http://city/x?rows=all")
    assert (found["params"], found["paging"]) == ({"rows": "all"}, {"by": "page", "param": "page", "total": "total"})


def source(document: Any, url: str = "http://city/x") -> dict[str, Any]:
    return detect_content(beginning(json.dumps(document).encode(), url)).source


def test_the_records_of_a_document_are_its_longest_list_of_objects() -> None:
    found = source({"data": {"notes": [{"a": 1}], "rows": [{"a": 1}, {"a": 2}]}})
    assert (found["connector"], found["format"]) == ("http", {"type": "json", "records": "data.rows"})


def test_a_total_that_a_page_does_not_reach_means_pages() -> None:
    found = source({"code": 0, "msg": "ok", "total": "9", "rows": [{"a": 1}]}, "http://city/x?kind=air&pageNo=1&size=1")
    assert found["paging"] == {"by": "page", "param": "pageNo", "size_param": "size", "size": 1, "total": "total"}
    assert (found["params"], found["url"]) == ({"kind": "air"}, "http://city/x")
    assert found["envelope"] == {"field": "code", "success": [0], "message": "msg"}


def test_a_link_to_the_next_page_means_links() -> None:
    assert source({"next": "/x?after=5", "rows": [{"a": 1}]})["paging"] == {"by": "link", "next": "next"}
    assert source({"next": None, "rows": [{"a": 1}]})["connector"] == "http"


@pytest.mark.parametrize(
    "body",
    [
        b'<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2">',
        b'<x:C xmlns:gml="http://www.opengis.net/gml/3.2">',
        b"SQLite format 3\0" + bytes(52) + b"GPKG",
        zipped("out/areas.dbf", "out/areas.shp"),
        zipped("doc.kml"),
        b'PAR1....{"primary_column":"g"}',
        b'{"name": "areas", "type": "FeatureCollection", "crs": null, "features": [',
    ],
)
def test_a_file_with_geometries_is_known_by_its_first_bytes(body: bytes) -> None:
    assert detect_content(beginning(body)).source["format"] == "geo"
