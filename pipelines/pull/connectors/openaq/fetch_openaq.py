"""``openaq``: time series of sensors, or a register, page by page, each page stored as received."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from citylake.pipelines.pull.connector_api import Fetch, FetchProgress, LandedPart, PullContext, failed_fetch
from citylake.pipelines.pull.connectors.openaq.openaq_pages import OpenaqPages
from citylake.pipelines.pull.connectors.openaq.openaq_source import OpenaqSource
from citylake.pipelines.pull.connectors.openaq.sensor_list import fetch_sensor_list, list_sensors, sensors_request
from citylake.pipelines.pull.connectors.openaq.series_period import PERIOD_END, LatestPeriodEnd, period_parameters
from citylake.pipelines.pull.http.http_client import open_http_client
from citylake.pipelines.pull.http.http_request import HttpRequest
from citylake.pipelines.pull.http.row_counter import RowCounter
from citylake.pipelines.pull.redact import redact_url
from citylake.schemas.words.errors import CitylakeError


def openaq_fetches(source: OpenaqSource, pulling: PullContext) -> Iterator[Fetch]:
    """One fetch per sensor, or one for a register; a failed one does not stop the others."""
    if not source.is_series:
        yield from _register_fetch(source)
        return
    for sensor in source.sensors:
        yield _series_fetch(source, pulling, f"sensors/{sensor}", sensor)
    for location in source.locations:
        yield from _location_fetches(source, pulling, location)


def _location_fetches(source: OpenaqSource, pulling: PullContext, location: int) -> Iterator[Fetch]:
    """The series of a location's sensors, which are listed first; if the listing fails, the fetch fails."""
    listing = _listed_sensors(source, location)
    if pulling.planning:
        then = _series_fetch(source, pulling, f"{listing.name}/{{id}}", "{id}")
        yield replace(listing, proof=then.proof, asks=(*listing.asks, *then.asks))
        return
    try:
        found = list_sensors(source, location)
    except CitylakeError as error:
        yield failed_fetch(listing.source, listing.name, error)
        return
    for sensor in found:
        yield _series_fetch(source, pulling, f"{listing.name}/{sensor}", sensor)


def _listed_sensors(source: OpenaqSource, location: int) -> Fetch:
    ask = sensors_request(source, location)
    parts = partial(_land_sensor_list, source, ask)
    return Fetch(redact_url(ask.url), f"locations/{location}/sensors", parts, "count", (str(ask),))


def _land_sensor_list(source: OpenaqSource, ask: HttpRequest, tally: FetchProgress) -> Iterator[LandedPart]:
    with open_http_client(source) as asker:
        yield from fetch_sensor_list(asker, ask, tally)


def _series_fetch(source: OpenaqSource, pulling: PullContext, of: str, sensor: int | str) -> Fetch:
    """``of/resource``: the state of one resource is not valid for another."""
    name, now = f"{of}/{source.resource}", pulling.run.started_at
    before = pulling.state(name)
    url = f"{source.url.rstrip('/')}/sensors/{sensor}/{source.resource}"
    ask = _openaq_request(source, url, period_parameters(source, before, now))

    def parts(tally: FetchProgress) -> Iterator[LandedPart]:
        newest = LatestPeriodEnd(redact_url(url))
        yield from _fetch_openaq_pages(source, ask, PERIOD_END, newest, tally)
        tally.state = newest.state(before, now)

    return Fetch(redact_url(url), name, parts, "reread", (str(ask),))


def _register_fetch(source: OpenaqSource) -> Iterator[Fetch]:
    base = source.url.rstrip("/")
    if source.resource == "sensors":
        for location in source.locations:
            yield _listed_sensors(source, location)
        return
    of = [f"{kind}/{number}/" for kind in ("locations", "parameters") for number in getattr(source, kind)] or [""]
    key = "sensorsId" if source.resource == "latest" else "id"
    for name in (f"{prefix}{source.resource}" for prefix in of):
        ask = _openaq_request(source, f"{base}/{name}", {})
        parts = partial(_fetch_openaq_pages, source, ask, key, None)
        yield Fetch(redact_url(ask.url), name, parts, "reread", (str(ask),))


def _fetch_openaq_pages(
    source: OpenaqSource, ask: HttpRequest, key: str, newest: LatestPeriodEnd | None, tally: FetchProgress
) -> Iterator[LandedPart]:
    with open_http_client(source) as asker:
        yield from OpenaqPages(asker, ask, key, RowCounter(redact_url(ask.url)), newest).parts(tally)


def _openaq_request(source: OpenaqSource, url: str, bounded: dict[str, str]) -> HttpRequest:
    return HttpRequest(url, {**source.params, **bounded, "limit": source.page_size, "page": 1})
