"""``sensorthings``: what some Datastreams observed, page after page, each stored exactly as it came."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from pipelines.pull.connector import Fetch, Part, Pulling, State, Tally
from pipelines.pull.redact import shown_url
from pipelines.pull.sensorthings.ask import datastreams, observations, shown
from pipelines.pull.sensorthings.walk import Walk
from pipelines.pull.web.asker import asking
from pipelines.pull.web.rows import Rows
from schemas.source import SensorthingsSource

_NAME = "Observations"


def fetches(source: SensorthingsSource, pulling: Pulling) -> Iterator[Fetch]:
    """One fetch for all Datastreams: they are committed, and move on, together."""
    latest, now = pulling.state(_NAME).get("latest", {}), shown(pulling.run.started_at)
    asks = [observations(source, each, latest.get(str(each)), now) for each in source.datastreams]
    parts = partial(_parts, source, latest, now)
    yield Fetch(shown_url(source.url), _NAME, parts, "count", tuple(map(str, asks or [datastreams(source)])))


def _parts(source: SensorthingsSource, latest: State, now: str, tally: Tally) -> Iterator[Part]:
    with asking(source) as asker:
        walk, cursor = Walk(asker, source, Rows(shown_url(source.url)), now), tally.cursor or {}
        walk.resume(cursor)
        left = [each for each in walk.chosen() if str(each) not in walk.done]
        for datastream in left:
            for page in walk.observed(datastream, latest, cursor):
                yield page.part(f"{walk.rows.pages:05d}.json")
                tally.declared, tally.stored, tally.cursor = walk.declared, walk.rows.stored, walk.place
        # What is found wrong with the whole is not mended by going on behind it.
        tally.cursor = None
        tally.proof = "no_next" if walk.declared is None else "count"
        walk.settle()
        # Never later than now, whatever a sensor's clock says: what comes after would not be asked for.
        tally.state = {"latest": {**latest, **{name: min(time, now) for name, time in walk.latest.items()}}}
