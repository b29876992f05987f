"""Recognize a SensorThings service by its address and its answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from citylake.pipelines.pull.connector_api import SourceGuess
from citylake.pipelines.pull.http.http_request import url_origin
from citylake.pipelines.pull.http.json_document import as_object_list, parse_count
from citylake.pipelines.pull.http.response_head import ProbeClient
from citylake.schemas.words.errors import CitylakeError

_DATASTREAMS, _PAGES = 100, 200
_COUNT, _NEXT = "@iot.count", "@iot.nextLink"
_PATTERN = re.compile(r"(?P<root>^.*?/v1\.[01])(?=/|$)")


def probe_sensorthings(probe: ProbeClient) -> SourceGuess | None:
    """The source at an address that looks like one of this service, if it also answers like one."""
    match = _PATTERN.search(probe.url)
    return _recognize_answer(probe, match) if match else None


def _recognize_answer(probe: ProbeClient, match: re.Match[str]) -> SourceGuess | None:
    """Every Datastream is named: a draft with some of them would be taken for the whole service."""
    url = f"{match['root']}/Datastreams"
    # Without $select, a page of Datastreams can be longer than the beginning that is read.
    for params in ({"$select": "id"}, {}):
        page = _datastreams_page(probe, url, {**params, "$top": _DATASTREAMS, "$count": "true"})
        ids = _datastream_ids(page)
        if page and (ids or not page["value"]):
            return _guess_all(probe, match["root"], url, page)
    return None


def _guess_all(probe: ProbeClient, root: str, url: str, page: dict[str, Any] | None) -> SourceGuess:
    ids: list[int | str] = []
    declared, seen, link = parse_count((page or {}).get(_COUNT)), {url}, ""
    while page is not None:
        ids += _datastream_ids(page)
        link = urljoin(url, str(page.get(_NEXT) or "").strip().replace(" ", "%20")) if page.get(_NEXT) else ""
        if not link or link in seen or len(seen) > _PAGES or url_origin(link) != url_origin(url):
            break
        seen.add(link)
        page = _datastreams_page(probe, link, {})
    found = list(dict.fromkeys(ids))
    missing = max(0, (declared or 0) - len(found)) or int(bool(link) or page is None)
    source = {"connector": "sensorthings", "url": root, "datastreams": found}
    return SourceGuess("sensorthings", source, "sensorthings", left_out=missing)


def _datastreams_page(probe: ProbeClient, url: str, params: Mapping[str, str | int]) -> dict[str, Any] | None:
    try:
        document = probe.look(url, params).document
    except CitylakeError:
        return None
    return document if isinstance(document, dict) and isinstance(document.get("value"), list) else None


def _datastream_ids(page: dict[str, Any] | None) -> list[int | str]:
    named = [each.get("@iot.id") for each in as_object_list(page["value"]) or ()] if page else []
    return [each for each in named if isinstance(each, int | str)]
