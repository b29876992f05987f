"""``ngsi_ld``: entities of a context broker, page by page, each page stored as received."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from citylake.pipelines.pull.connector_api import Fetch, FetchProgress, LandedPart, PullContext
from citylake.pipelines.pull.connectors.ngsi_ld.entity_pages import EntityPages
from citylake.pipelines.pull.connectors.ngsi_ld.ngsi_ld_source import NgsiLdSource
from citylake.pipelines.pull.http.http_client import open_http_client
from citylake.pipelines.pull.http.http_request import HttpRequest
from citylake.pipelines.pull.http.row_counter import RowCounter
from citylake.pipelines.pull.redact import redact_url


def ngsi_ld_fetches(source: NgsiLdSource, pulling: PullContext) -> Iterator[Fetch]:
    """One fetch, named by the type; every pull is complete, because a broker has only the current state."""
    ask = _entities_request(source)
    yield Fetch(redact_url(ask.url), source.type, partial(_fetch_entities, source, ask), "count", (str(ask),))


def _broker_options(source: NgsiLdSource) -> dict[str, str]:
    """The options for the form and the count (ETSI GS CIM 009, 6.3.13; an option in NGSIv2)."""
    options = ["keyValues"] * (source.form == "keyValues") + ["count"] * (source.api == "v2")
    counted = {"count": "true"} if source.api == "ld" else {}
    return counted | ({"options": ",".join(options)} if options else {})


def _entities_request(source: NgsiLdSource) -> HttpRequest:
    params: dict[str, str | int] = {"type": source.type}
    if source.q:
        params["q"] = source.q
    if source.attrs:
        params["attrs"] = ",".join(source.attrs)
    if source.geo:
        params |= source.geo.params(source.api)
    params |= _broker_options(source)
    link = f'<{source.context}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'
    headers = {"Accept": "application/json", **({"Link": link} if source.context else {})}
    url = f"{source.url.rstrip('/')}/{'v2' if source.api == 'v2' else 'ngsi-ld/v1'}/entities"
    return HttpRequest(url, {**params, "limit": source.page_size, "offset": 0}, headers)


def _fetch_entities(source: NgsiLdSource, ask: HttpRequest, tally: FetchProgress) -> Iterator[LandedPart]:
    with open_http_client(source) as asker:
        yield from EntityPages(source, asker, ask, RowCounter(asker.shown)).parts(tally)
