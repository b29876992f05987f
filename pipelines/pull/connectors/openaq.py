"""``openaq``: time series of sensors, or a register, page after page, each stored exactly as it came."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from pipelines.pull.connector import Fetch, Part, Pulling, Tally, refused
from pipelines.pull.openaq.listing import listed, sensors_ask, whole
from pipelines.pull.openaq.pages import Pages
from pipelines.pull.openaq.periods import END, Newest, bounds
from pipelines.pull.redact import shown_url
from pipelines.pull.web.ask import Ask
from pipelines.pull.web.asker import asking
from pipelines.pull.web.rows import Rows
from schemas.faults import CitylakeError
from schemas.source import OpenaqSource


def fetches(source: OpenaqSource, pulling: Pulling) -> Iterator[Fetch]:
    """One fetch a sensor, or a register: one that fails does not hold the others."""
    if not source.is_series:
        yield from _registers(source)
        return
    for sensor in source.sensors:
        yield _series(source, pulling, f"sensors/{sensor}", sensor)
    for location in source.locations:
        yield from _of_location(source, pulling, location)


def _of_location(source: OpenaqSource, pulling: Pulling, location: int) -> Iterator[Fetch]:
    """The series of a location's sensors, which are listed first; a listing that fails is a fetch that fails."""
    listing = _sensors(source, location)
    if pulling.planning:
        then = _series(source, pulling, f"{listing.name}/{{id}}", "{id}")
        yield replace(listing, proof=then.proof, asks=(*listing.asks, *then.asks))
        return
    try:
        found = listed(source, location)
    except CitylakeError as error:
        yield refused(listing.source, listing.name, error)
        return
    for sensor in found:
        yield _series(source, pulling, f"{listing.name}/{sensor}", sensor)


def _sensors(source: OpenaqSource, location: int) -> Fetch:
    ask = sensors_ask(source, location)
    parts = partial(_listing, source, ask)
    return Fetch(shown_url(ask.url), f"locations/{location}/sensors", parts, "count", (str(ask),))


def _listing(source: OpenaqSource, ask: Ask, tally: Tally) -> Iterator[Part]:
    with asking(source) as asker:
        yield from whole(asker, ask, tally)


def _series(source: OpenaqSource, pulling: Pulling, of: str, sensor: int | str) -> Fetch:
    """``of/resource``: what is known of one resource says nothing of another."""
    name, now = f"{of}/{source.resource}", pulling.run.started_at
    before = pulling.state(name)
    url = f"{source.url.rstrip('/')}/sensors/{sensor}/{source.resource}"
    ask = _paged(source, url, bounds(source, before, now))

    def parts(tally: Tally) -> Iterator[Part]:
        newest = Newest(shown_url(url))
        yield from _pages(source, ask, END, newest, tally)
        tally.state = newest.state(before, now)

    return Fetch(shown_url(url), name, parts, "reread", (str(ask),))


def _registers(source: OpenaqSource) -> Iterator[Fetch]:
    base = source.url.rstrip("/")
    if source.resource == "sensors":
        for location in source.locations:
            yield _sensors(source, location)
        return
    of = [f"{kind}/{number}/" for kind in ("locations", "parameters") for number in getattr(source, kind)] or [""]
    key = "sensorsId" if source.resource == "latest" else "id"
    for name in (f"{prefix}{source.resource}" for prefix in of):
        ask = _paged(source, f"{base}/{name}", {})
        parts = partial(_pages, source, ask, key, None)
        yield Fetch(shown_url(ask.url), name, parts, "reread", (str(ask),))


def _pages(source: OpenaqSource, ask: Ask, key: str, newest: Newest | None, tally: Tally) -> Iterator[Part]:
    with asking(source) as asker:
        yield from Pages(asker, ask, key, Rows(shown_url(ask.url)), newest).parts(tally)


def _paged(source: OpenaqSource, url: str, bounded: dict[str, str]) -> Ask:
    return Ask(url, {**source.params, **bounded, "limit": source.page_size, "page": 1})
