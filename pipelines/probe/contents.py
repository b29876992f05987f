"""Files and documents that are known by their first bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pipelines.probe.beginning import Beginning
from pipelines.probe.guess import Guess
from pipelines.probe.paged import envelope, paged

_ROOT = re.compile(rb"(?:\xef\xbb\xbf)?(?:<\?xml[^>]*>|<!--.*?-->|\s)*<(?:[\w.-]+:)?([\w.-]+)", re.DOTALL)
_GTFS_MEMBERS = (b"stop_times.txt", b"routes.txt", b"trips.txt")


def contents(found: Beginning) -> Guess:
    """What the body is; ``none`` where it is nothing that a contract can read."""
    return next(_looked(found), Guess("none", {}, "unknown"))


def _looked(found: Beginning) -> Iterator[Guess]:
    for look in (_zip, _parquet, _xml, _page, _json, _realtime, _table):
        guess = look(found)
        if guess:
            yield guess


def _file(found: Beginning, form: Any, why: str) -> Guess:
    return Guess("http", {"connector": "http", "url": found.url, "format": form}, why)


def _zip(found: Beginning) -> Guess | None:
    if not found.body.startswith(b"PK\x03\x04"):
        return None
    if b"[Content_Types].xml" in found.body or b"xl/workbook.xml" in found.body:
        return _file(found, "xlsx", "xlsx")
    if any(name in found.body for name in _GTFS_MEMBERS):
        form = {"type": "gtfs", "table": "stops"}
        return Guess("gtfs", {"connector": "gtfs", "url": found.url, "format": form}, "gtfs")
    return Guess("none", {}, "zip")


def _parquet(found: Beginning) -> Guess | None:
    return _file(found, "parquet", "parquet") if found.body.startswith(b"PAR1") else None


def _xml(found: Beginning) -> Guess | None:
    root = _ROOT.match(found.body)
    if root is None or root[1].lower() == b"html":
        return None
    if root[1] in (b"d2LogicalModel", b"messageContainer"):
        return Guess("datex2", {"connector": "datex2", "url": found.url}, "datex2")
    return Guess("none", {}, "xml")


def _page(found: Beginning) -> Guess | None:
    start = found.body[:2000].lower()
    return Guess("none", {}, "page") if b"<html" in start or b"<!doctype html" in start else None


def _json(found: Beginning) -> Guess | None:
    if found.body[:100].lstrip(b"\xef\xbb\xbf \r\n\t")[:1] not in (b"{", b"["):
        return None
    document = found.document
    if document is None:
        lines = found.body.splitlines()
        each = len(lines) > 1 and all(line.strip().startswith(b"{") for line in lines[:20] if line.strip())
        return _file(found, {"type": "json", "lines": True} if each else "json", "json_lines" if each else "json")
    if isinstance(document, dict) and {"currentVersion"} <= document.keys():
        return Guess("none", {}, "arcgis_root")
    path = records_path(document)
    service = paged(found.url, document, path)
    if service:
        return Guess("rest_paged", service, "rest_paged")
    guess = _file(found, {"type": "json", **({"records": path} if path else {})}, "json")
    return replace(guess, source={**guess.source, **envelope(document)})


def records_path(document: Any, depth: int = 3) -> str | None:
    """Path of the longest list of objects within the first levels of a document; None where the document is it."""
    lists = sorted(_lists(document, "", depth), reverse=True)
    return lists[0][1] if lists and lists[0][1] else None


def _lists(value: Any, path: str, depth: int) -> Iterator[tuple[int, str]]:
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        yield len(value), path
    elif isinstance(value, dict) and depth:
        for name, member in value.items():
            yield from _lists(member, f"{path}.{name}" if path else name, depth - 1)


def _realtime(found: Beginning) -> Guess | None:
    try:
        from google.protobuf.message import DecodeError
        from google.transit.gtfs_realtime_pb2 import FeedMessage
    except ModuleNotFoundError:
        # Without the extra ``connectors`` it could not be pulled either.
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
    return Guess("gtfs_rt", source, "gtfs_rt")


def _table(found: Beginning) -> Guess | None:
    lines = [line for line in found.body.splitlines()[:20] if line.strip()]
    if len(lines) < 2 or b"\0" in found.body[:4096]:
        return None
    tabular = any(min(line.count(mark) for line in lines[:-1]) > 0 for mark in (b",", b"\t", b";", b"|"))
    return _file(found, "csv", "csv") if tabular else None
