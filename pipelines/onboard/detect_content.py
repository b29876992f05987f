"""Recognition of files and documents by their first bytes."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from citylake.pipelines.onboard.csv_draft import draft_csv_words
from citylake.pipelines.onboard.cut_json import complete_cut_json
from citylake.pipelines.onboard.detect_geo import detect_geo, detect_geo_zip
from citylake.pipelines.onboard.detect_paging import detect_envelope, detect_paging
from citylake.pipelines.onboard.fixed_width_draft import draft_fixed_width
from citylake.pipelines.onboard.text_sample import TextSample
from citylake.pipelines.parse.compressed_file import unpack_head
from citylake.pipelines.pull.connector_api import SourceGuess
from citylake.pipelines.pull.http.response_head import ResponseHead

_ROOT = re.compile(rb"(?:\xef\xbb\xbf)?(?:<\?xml[^>]*>|<!--.*?-->|\s)*<(?:[\w.-]+:)?([\w.-]+)", re.DOTALL)
_TAGS = frozenset((b"html", b"head", b"body", b"title", b"div", b"p", b"pre", b"h1", b"center", b"script", b"table"))
"""The first tags of web pages, also of fragments."""
_GTFS_MEMBERS = (b"stop_times.txt", b"routes.txt", b"trips.txt")
_TABLE_LINES = 200
_CSV_NAME = re.compile(r"\.(csv|tsv)(\.(gz|bz2|xz|zst))?$", re.IGNORECASE)
_MARKS = (b",", b"\t", b";", b"|")


def detect_content(found: ResponseHead) -> SourceGuess:
    """The source with this body, which may be compressed; ``none`` if no contract can read it."""
    unpacked = replace(found, body=unpack_head(found.body))
    return next(_detect_any(unpacked), SourceGuess("none", {}, "unknown"))


def _detect_any(found: ResponseHead) -> Iterator[SourceGuess]:
    looks = (_detect_zip, detect_geo, _detect_parquet, _detect_xml, _detect_html, _detect_json)
    for look in (*looks, _detect_gtfs_rt, _detect_table):
        guess = look(found)
        if guess:
            yield guess


def _guess_file(found: ResponseHead, form: Any, why: str) -> SourceGuess:
    return SourceGuess("http", {"connector": "http", "url": found.url, "format": form}, why)


def _detect_zip(found: ResponseHead) -> SourceGuess | None:
    if not found.body.startswith(b"PK\x03\x04"):
        return None
    if b"[Content_Types].xml" in found.body or b"xl/workbook.xml" in found.body:
        return _guess_file(found, "xlsx", "xlsx")
    if any(name in found.body for name in _GTFS_MEMBERS):
        form = {"type": "gtfs", "table": "stops"}
        return SourceGuess("gtfs", {"connector": "gtfs", "url": found.url, "format": form}, "gtfs")
    return detect_geo_zip(found) or SourceGuess("none", {}, "zip")


def _detect_parquet(found: ResponseHead) -> SourceGuess | None:
    return _guess_file(found, "parquet", "parquet") if found.body.startswith(b"PAR1") else None


def _detect_xml(found: ResponseHead) -> SourceGuess | None:
    root = _ROOT.match(found.body)
    if root is None:
        return None
    if root[1].lower() in _TAGS:
        return SourceGuess("none", {}, "page")
    if root[1] in (b"d2LogicalModel", b"messageContainer"):
        return SourceGuess("datex2", {"connector": "datex2", "url": found.url}, "datex2")
    return SourceGuess("none", {}, "xml")


def _detect_html(found: ResponseHead) -> SourceGuess | None:
    start = found.body[:2000].lower()
    return SourceGuess("none", {}, "page") if b"<html" in start or b"<!doctype html" in start else None


def _detect_json(found: ResponseHead) -> SourceGuess | None:
    if found.body[:100].lstrip(b"\xef\xbb\xbf \r\n\t")[:1] not in (b"{", b"["):
        return None
    document = found.document if found.whole else _cut_document(found)
    if document is None:
        lines = found.body.splitlines()
        each = len(lines) > 1 and all(line.strip().startswith(b"{") for line in lines[:20] if line.strip())
        return _guess_file(found, {"type": "json", "lines": True} if each else "json", "json_lines" if each else "json")
    if isinstance(document, dict) and {"currentVersion"} <= document.keys():
        return SourceGuess("none", {}, "arcgis_root")
    path = find_records_path(document)
    service = detect_paging(found.url, document, path, whole=found.whole)
    if service:
        return SourceGuess("rest_paged", service, "rest_paged")
    guess = _guess_file(found, {"type": "json", **({"records": path} if path else {})}, "json")
    return replace(guess, source={**guess.source, **detect_envelope(document)})


def _cut_document(found: ResponseHead) -> Any:
    """A document whose beginning was received; None for JSON lines, whose first line is a document of its own."""
    first, _, rest = found.body.partition(b"\n")
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        return complete_cut_json(found.body)
    return None if rest else complete_cut_json(found.body)


def find_records_path(document: Any, depth: int = 3) -> str | None:
    """Path of the longest list of objects in the first levels of a document; None if the document itself is it."""
    lists = sorted(_record_lists(document, "", depth), reverse=True)
    return lists[0][1] if lists and lists[0][1] else None


def _record_lists(value: Any, path: str, depth: int) -> Iterator[tuple[int, str]]:
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        yield len(value), path
    elif isinstance(value, dict) and depth:
        for name, member in value.items():
            yield from _record_lists(member, f"{path}.{name}" if path else name, depth - 1)


def _detect_gtfs_rt(found: ResponseHead) -> SourceGuess | None:
    try:
        from google.protobuf.message import DecodeError
        from google.transit.gtfs_realtime_pb2 import FeedMessage
    except ModuleNotFoundError:
        # Without the extra ``connectors`` it cannot be pulled either.
        return None

    message = FeedMessage()
    try:
        message.ParseFromString(found.body)
    except DecodeError:
        return None
    if not found.whole or not message.header.gtfs_realtime_version[:1].isdigit():
        return None
    kinds = {"trip_update": "stop_time_updates", "vehicle": "vehicles", "alert": "alerts"}
    entity = message.entity[0] if message.entity else None
    rows = next((rows for name, rows in kinds.items() if entity is not None and entity.HasField(name)), "vehicles")
    source = {"connector": "gtfs_rt", "url": found.url, "format": {"type": "gtfs_rt", "rows": rows}}
    return SourceGuess("gtfs_rt", source, "gtfs_rt")


def _detect_table(found: ResponseHead) -> SourceGuess | None:
    body = _decode_utf16(found.body)
    lines = [line for line in body.splitlines()[:20] if line.strip()]
    if not lines or b"\0" in body[:4096]:
        return None
    tabular = any(min(line.count(mark) for line in lines[:-1]) > 0 for mark in _MARKS) if lines[1:] else False
    return _guess_file(found, "csv", "csv") if tabular or _is_csv_name(found) or _holds_table(body) else None


def _holds_table(body: bytes) -> bool:
    """Whether titles, comments or notes stand around a table of three columns or more, or its columns are aligned."""
    text = body.decode("utf-8", "replace").splitlines(keepends=True)[:_TABLE_LINES]
    sample = TextSample(tuple(enumerate(text, 1)))
    draft = draft_csv_words(sample)
    return (draft.columns > 2 and draft.typed) or draft_fixed_width(sample) is not None


def _decode_utf16(body: bytes) -> bytes:
    """The body as UTF-8 if it has the byte order mark of UTF-16."""
    wide = body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return body.decode("utf-16", "ignore").encode() if wide else body


def _is_csv_name(found: ResponseHead) -> bool:
    """Whether the name or the header says CSV: a table of one column cannot be distinguished from prose."""
    return (
        "csv" in found.headers.get("content-type", "").lower() or _CSV_NAME.search(urlsplit(found.url).path) is not None
    )
