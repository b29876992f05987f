"""Recognition of paged JSON services: by a link to the next page, or by a total above the page's length."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from citylake.pipelines.pull.http.json_document import get_member, parse_count, select_records

_NEXT = ("next", "nextlink", "next_link", "nextpage", "next_page", "nextpageurl", "@odata.nextlink", "@iot.nextlink")
_TOTAL = ("total", "count", "totalcount", "total_count", "totalrecords", "totalsize", "totalnum")
_PAGE = ("page", "pagenum", "pageno", "pagenumber", "page_num", "pageindex", "curpage")
_OFFSET = ("offset", "start", "skip", "startindex")
_SUCCESS = ("code", "success", "errcode", "resultcode", "statuscode", "status")
_MESSAGE = ("msg", "message", "errmsg", "errormsg", "resultmsg", "error")
_SIZE = ("rows", "size", "limit", "pagesize", "page_size", "per_page", "pagerows")


def detect_paging(url: str, document: Any, records: str | None, *, whole: bool = True) -> dict[str, Any] | None:
    """The source of a service if ``document`` is one page of several; None if it seems complete.

    Of a page that is not ``whole``, the number of records says nothing.
    """
    paging = _paging_by_link(document) or (_paging_by_number(url, document, records) if whole else None)
    if paging is None:
        return None
    parts = urlsplit(url)
    held = dict(parse_qsl(parts.query))
    own = {name: value for name, value in held.items() if name not in (paging.get("param"), paging.get("size_param"))}
    form = {"type": "json", **({"records": records} if records else {})}
    source = {"connector": "rest_paged", "url": urlunsplit(parts._replace(query="")), "paging": paging, "format": form}
    return {**source, **({"params": own} if own else {}), **detect_envelope(document)}


def detect_envelope(document: Any) -> dict[str, Any]:
    """The contract's ``envelope`` for a document with a success field; empty if it has none."""
    if not isinstance(document, dict):
        return {}
    names = {name.casefold(): name for name in document}
    field = next((names[name] for name in _SUCCESS if name in names), None)
    if field is None or not isinstance(document[field], str | int | bool):
        return {}
    message = next((names[name] for name in _MESSAGE if name in names), None)
    told = {"field": field, "success": [document[field]], **({"message": message} if message else {})}
    return {"envelope": told}


def _paging_by_link(document: Any) -> dict[str, Any] | None:
    for path, value in _walk_members(document, ""):
        if path.rpartition(".")[2].casefold() in _NEXT and isinstance(value, str) and ("/" in value or "?" in value):
            return {"by": "link", "next": path, **_declared_total(document)}
    return None


def _paging_by_number(url: str, document: Any, records: str | None) -> dict[str, Any] | None:
    total = _declared_total(document)
    here = len(select_records(document, records))
    if not total or here >= (parse_count(get_member(document, total["total"])) or 0):
        return None
    held = dict(parse_qsl(urlsplit(url).query))
    asked = {name.casefold(): name for name in held}
    size = next((asked[name] for name in _SIZE if name in asked and parse_count(held[asked[name]])), None)
    sized = {"size_param": size, "size": parse_count(held[size])} if size else {}
    offset = next((asked[name] for name in _OFFSET if name in asked), None)
    if offset:
        return {"by": "offset", "param": offset, **sized, **total}
    return {"by": "page", "param": next((asked[name] for name in _PAGE if name in asked), "page"), **sized, **total}


def _declared_total(document: Any) -> dict[str, str]:
    for path, value in _walk_members(document, ""):
        if path.rpartition(".")[2].casefold() in _TOTAL and parse_count(value) is not None:
            return {"total": path}
    return {}


def _walk_members(value: Any, path: str, depth: int = 3) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and depth:
        for name, member in value.items():
            inner = f"{path}.{name}" if path else name
            yield inner, member
            yield from _walk_members(member, inner, depth - 1)
