"""``arcgis``: every feature of a layer, page by page, each page stored as received."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from citylake.pipelines.pull.connector_api import (
    CompletenessProof,
    Fetch,
    FetchProgress,
    LandedPart,
    PullContext,
    PullState,
)
from citylake.pipelines.pull.connectors.arcgis.arcgis_source import ArcgisSource
from citylake.pipelines.pull.connectors.arcgis.feature_paging import (
    FeaturePage,
    page_by_id_ranges,
    page_by_object_ids,
    page_by_offset,
)
from citylake.pipelines.pull.connectors.arcgis.layer_metadata import LayerMetadata
from citylake.pipelines.pull.connectors.arcgis.layer_query import (
    JSON_FORMAT,
    LayerQuery,
    attribute_values,
    page_features,
    request_arcgis,
)
from citylake.pipelines.pull.http.http_client import HttpClient, open_http_client
from citylake.pipelines.pull.http.http_request import HttpRequest
from citylake.pipelines.pull.http.row_counter import RowCounter
from citylake.pipelines.pull.redact import redact_url
from citylake.schemas.words.errors import CitylakeError


def arcgis_fetches(source: ArcgisSource, pulling: PullContext) -> Iterator[Fetch]:
    """One fetch, named by the service and the layer: ``Stations/FeatureServer/0``."""
    url = f"{source.url.rstrip('/')}/{source.layer}"
    name = "/".join(urlsplit(url).path.split("/")[-3:]).lstrip("/")
    count = HttpRequest(f"{url}/query", {"where": source.where, "returnCountOnly": "true", **JSON_FORMAT})
    asks = (str(HttpRequest(url, JSON_FORMAT)), str(count))
    yield Fetch(redact_url(url), name, partial(_fetch_layer, source, url, pulling, pulling.state(name)), "count", asks)


def _fetch_layer(
    source: ArcgisSource, url: str, pulling: PullContext, state: PullState, tally: FetchProgress
) -> Iterator[LandedPart]:
    with open_http_client(source) as asker:
        layer = LayerMetadata(redact_url(url), request_arcgis(asker, HttpRequest(url, JSON_FORMAT)).document)
        walk = _LayerPaging(
            source, _layer_query(source, asker, url, layer, state), RowCounter(layer.shown), tally.cursor or {}, tally
        )
        yield from walk.parts()
        walk.settle(state, int(pulling.run.started_at.timestamp() * 1000))


def _layer_query(
    source: ArcgisSource, asker: HttpClient, url: str, layer: LayerMetadata, state: PullState
) -> LayerQuery:
    """The query: all features, or those that changed since the last committed change less the overlap."""
    named = (*source.fields, layer.key, *((source.edited,) if source.edited else ()))
    fields = ",".join(dict.fromkeys(named)) if source.fields else "*"
    if source.edited is None or "edited_ms" not in state:
        return LayerQuery(asker, url, layer, source.where, fields)
    since = layer.since(source.edited, state["edited_ms"] - source.overlap_s * 1000)
    return LayerQuery(asker, url, layer, f"({source.where}) AND {since}", fields)


@dataclass(slots=True)
class _LayerPaging:
    source: ArcgisSource
    query: LayerQuery
    rows: RowCounter
    cursor: PullState
    tally: FetchProgress
    edited_ms: int | None = None

    def parts(self) -> Iterator[LandedPart]:
        way, steps = self._steps()
        self.edited_ms = self.cursor.get("edited_ms")
        for step in steps:
            self._take(step)
            yield step.page.part(f"{self.rows.pages:05d}.json")
            self.tally.stored = self.rows.stored
            self.tally.cursor = {"way": way, "place": step.place, **self._told()}
        # If the total is found to be wrong, continuing after the last page would not help.
        self.tally.cursor = None

    def settle(self, state: PullState, now_ms: int) -> None:
        """Count again, and store the time of the last change, but never one that is later than now."""
        self.rows.settle(self.tally.declared, self.query.count())
        known = [ms for ms in (self.edited_ms, state.get("edited_ms")) if ms is not None]
        if self.source.edited and known:
            self.tally.state = {"edited_ms": min(max(known), now_ms)}

    def _steps(self) -> tuple[str, Iterator[FeaturePage]]:
        """The way of paging that the layer supports; an interrupted pull is continued only the same way."""
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
            return way, page_by_offset(self.query, size, place, counted=self.tally.declared is not None)
        return way, page_by_id_ranges(self.query, place) if ids is None else page_by_object_ids(
            self.query, ids, size, place
        )

    def _begin(self, way: str, declared: int | None) -> None:
        self.rows.pages, self.rows.stored = self.cursor.get("pages", 0), self.cursor.get("stored", 0)
        self.tally.declared, self.tally.stored = self.cursor.get("declared", declared), self.rows.stored
        proofs: dict[str, CompletenessProof] = {"offset": "last_page", "spans": "keyset", "ids": "keyset"}
        self.tally.proof = proofs[way] if declared is None else "count"

    def _take(self, step: FeaturePage) -> None:
        found = page_features(step.page) or ()
        self.rows.take(found, self.query.keys(step.page))
        if self.source.edited:
            self._note_edits(self.source.edited, attribute_values(found, self.source.edited, self.rows.shown))

    def _note_edits(self, field: str, edits: list[Any]) -> None:
        for edit in edits:
            if not isinstance(edit, int | None):
                raise CitylakeError("ARCGIS_NO_DATE", source=self.rows.shown, attribute=field, value=str(edit)[:50])
        self.edited_ms = max((ms for ms in (self.edited_ms, *edits) if ms is not None), default=None)

    def _told(self) -> PullState:
        told = {"pages": self.rows.pages, "stored": self.rows.stored, "declared": self.tally.declared}
        return {**told, "edited_ms": self.edited_ms}
