"""``arcgis``: every feature of a layer, page after page, each stored exactly as it came."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from pipelines.pull.arcgis.layer import Layer
from pipelines.pull.arcgis.query import JSON, Query, answered, features, values
from pipelines.pull.arcgis.ways import Step, by_ids, by_offset, by_spans
from pipelines.pull.connector import Fetch, Part, Proof, Pulling, State, Tally
from pipelines.pull.redact import shown_url
from pipelines.pull.web.ask import Ask
from pipelines.pull.web.asker import Asker, asking
from pipelines.pull.web.rows import Rows
from schemas.faults import CitylakeError
from schemas.source import ArcgisSource


def fetches(source: ArcgisSource, pulling: Pulling) -> Iterator[Fetch]:
    """One fetch, named by the service and the layer: ``Stations/FeatureServer/0``."""
    url = f"{source.url.rstrip('/')}/{source.layer}"
    name = "/".join(urlsplit(url).path.split("/")[-3:]).lstrip("/")
    count = Ask(f"{url}/query", {"where": source.where, "returnCountOnly": "true", **JSON})
    asks = (str(Ask(url, JSON)), str(count))
    yield Fetch(shown_url(url), name, partial(_parts, source, url, pulling, pulling.state(name)), "count", asks)


def _parts(source: ArcgisSource, url: str, pulling: Pulling, state: State, tally: Tally) -> Iterator[Part]:
    with asking(source) as asker:
        layer = Layer(shown_url(url), answered(asker, Ask(url, JSON)).document)
        walk = _Walk(source, _query(source, asker, url, layer, state), Rows(layer.shown), tally.cursor or {}, tally)
        yield from walk.parts()
        walk.settle(state, int(pulling.run.started_at.timestamp() * 1000))


def _query(source: ArcgisSource, asker: Asker, url: str, layer: Layer, state: State) -> Query:
    """What is asked for: all of it, or what was changed since a little before the last change that is committed."""
    named = (*source.fields, layer.key, *((source.edited,) if source.edited else ()))
    fields = ",".join(dict.fromkeys(named)) if source.fields else "*"
    if source.edited is None or "edited_ms" not in state:
        return Query(asker, url, layer, source.where, fields)
    since = layer.since(source.edited, state["edited_ms"] - source.overlap_s * 1000)
    return Query(asker, url, layer, f"({source.where}) AND {since}", fields)


@dataclass(slots=True)
class _Walk:
    source: ArcgisSource
    query: Query
    rows: Rows
    cursor: State
    tally: Tally
    edited_ms: int | None = None

    def parts(self) -> Iterator[Part]:
        way, steps = self._steps()
        self.edited_ms = self.cursor.get("edited_ms")
        for step in steps:
            self._take(step)
            yield step.page.part(f"{self.rows.pages:05d}.json")
            self.tally.stored = self.rows.stored
            self.tally.cursor = {"way": way, "place": step.place, **self._told()}
        # What is found wrong with the whole is not mended by going on behind it.
        self.tally.cursor = None

    def settle(self, state: State, now_ms: int) -> None:
        """Count again, and remember the last change; never one that the server dates later than now."""
        self.rows.settle(self.tally.declared, self.query.count())
        known = [ms for ms in (self.edited_ms, state.get("edited_ms")) if ms is not None]
        if self.source.edited and known:
            self.tally.state = {"edited_ms": min(max(known), now_ms)}

    def _steps(self) -> tuple[str, Iterator[Step]]:
        """The way through the layer, by what it can; a pull that broke off goes on only on the same way."""
        layer, declared = self.query.layer, self.query.count()
        size = min(filter(None, (self.source.page_size, layer.most)), default=None)
        ids = None if layer.has_offsets else self.query.ids()
        way = "offset" if layer.has_offsets else "spans" if ids is None else "ids"
        if self.cursor and self.cursor["way"] != way:
            self.tally.cursor = None
            raise CitylakeError("ARCGIS_CHANGED", source=self.rows.shown)
        self._begin(way, len(ids) if declared is None and ids is not None else declared)
        place = self.cursor.get("place")
        if way == "offset":
            return way, by_offset(self.query, size, place, counted=self.tally.declared is not None)
        return way, by_spans(self.query, place) if ids is None else by_ids(self.query, ids, size, place)

    def _begin(self, way: str, declared: int | None) -> None:
        self.rows.pages, self.rows.stored = self.cursor.get("pages", 0), self.cursor.get("stored", 0)
        self.tally.declared, self.tally.stored = self.cursor.get("declared", declared), self.rows.stored
        proofs: dict[str, Proof] = {"offset": "last_page", "spans": "keyset", "ids": "keyset"}
        self.tally.proof = proofs[way] if declared is None else "count"

    def _take(self, step: Step) -> None:
        found = features(step.page) or ()
        self.rows.take(found, self.query.keys(step.page))
        if self.source.edited:
            self._note_edits(self.source.edited, values(found, self.source.edited, self.rows.shown))

    def _note_edits(self, field: str, edits: list[Any]) -> None:
        for edit in edits:
            if not isinstance(edit, int | None):
                raise CitylakeError("ARCGIS_NO_DATE", source=self.rows.shown, attribute=field, value=str(edit)[:50])
        self.edited_ms = max((ms for ms in (self.edited_ms, *edits) if ms is not None), default=None)

    def _told(self) -> State:
        told = {"pages": self.rows.pages, "stored": self.rows.stored, "declared": self.tally.declared}
        return {**told, "edited_ms": self.edited_ms}
