"""``sensorthings``: observations of some Datastreams, page by page, each page stored as received."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from citylake.pipelines.pull.connector_api import Fetch, FetchProgress, LandedPart, PullContext, PullState
from citylake.pipelines.pull.connectors.sensorthings.observation_pages import ObservationPages
from citylake.pipelines.pull.connectors.sensorthings.sensorthings_requests import (
    datastreams_request,
    format_utc_seconds,
    observations_request,
)
from citylake.pipelines.pull.connectors.sensorthings.sensorthings_source import SensorthingsSource
from citylake.pipelines.pull.http.http_client import open_http_client
from citylake.pipelines.pull.http.row_counter import RowCounter
from citylake.pipelines.pull.redact import redact_url

_NAME = "Observations"


def sensorthings_fetches(source: SensorthingsSource, pulling: PullContext) -> Iterator[Fetch]:
    """One fetch for all Datastreams: they are committed together."""
    latest, now = pulling.state(_NAME).get("latest", {}), format_utc_seconds(pulling.run.started_at)
    asks = [observations_request(source, each, latest.get(str(each)), now) for each in source.datastreams]
    parts = partial(_fetch_observations, source, latest, now)
    yield Fetch(redact_url(source.url), _NAME, parts, "count", tuple(map(str, asks or [datastreams_request(source)])))


def _fetch_observations(
    source: SensorthingsSource, latest: PullState, now: str, tally: FetchProgress
) -> Iterator[LandedPart]:
    with open_http_client(source) as asker:
        walk, cursor = ObservationPages(asker, source, RowCounter(redact_url(source.url)), now), tally.cursor or {}
        walk.resume(cursor)
        left = [each for each in walk.chosen() if str(each) not in walk.done]
        for datastream in left:
            for page in walk.observed(datastream, latest, cursor):
                yield page.part(f"{walk.rows.pages:05d}.json")
                tally.declared, tally.stored, tally.cursor = walk.declared, walk.rows.stored, walk.place
        # If the total is found to be wrong, continuing after the last page would not help.
        tally.cursor = None
        tally.proof = "no_next" if walk.declared is None else "count"
        walk.settle()
        # Never later than now: with a sensor's clock that is ahead, later observations would not be requested.
        tally.state = {"latest": {**latest, **{name: min(time, now) for name, time in walk.latest.items()}}}
