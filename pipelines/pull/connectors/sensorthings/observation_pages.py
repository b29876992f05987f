"""The pages of observations of several Datastreams, by their links."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from citylake.pipelines.pull.connector_api import PullState
from citylake.pipelines.pull.connectors.sensorthings.sensorthings_requests import (
    DatastreamId,
    datastreams_request,
    format_utc_seconds,
    interval_start,
    next_link_request,
    observations_request,
)
from citylake.pipelines.pull.connectors.sensorthings.sensorthings_source import SensorthingsSource
from citylake.pipelines.pull.http.http_client import HttpClient
from citylake.pipelines.pull.http.http_request import HttpRequest, JsonPage
from citylake.pipelines.pull.http.json_document import as_object_list, parse_count
from citylake.pipelines.pull.http.rate_limit import TransientError
from citylake.pipelines.pull.http.row_counter import RowCounter
from citylake.pipelines.pull.redact import may_hold_secret
from citylake.schemas.words.errors import CitylakeError

_COUNT, _NEXT, _ID = "@iot.count", "@iot.nextLink", "@iot.id"


@dataclass(slots=True)
class ObservationPages:
    """By Datastream: ``counts``, what its first and its last page declare; ``moved``, two counts of consecutive pages
    that show a changed listing; ``latest``, the latest time of an observation.
    """

    asker: HttpClient
    source: SensorthingsSource
    rows: RowCounter
    now: str
    counts: dict[str, list[int | None]] = field(default_factory=dict)
    moved: dict[str, list[int]] = field(default_factory=dict)
    latest: dict[str, str] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    place: PullState | None = None
    """The cursor after the last page; None if the link may contain a key."""

    @property
    def declared(self) -> int | None:
        """The total count of all Datastreams so far; None if one declares none."""
        known = [count for _, count in self.counts.values() if count is not None]
        return sum(known) if len(known) == len(self.counts) else None

    def pages(self, first: HttpRequest) -> Iterator[tuple[JsonPage, HttpRequest | None, CitylakeError | None]]:
        """Every page from ``first`` on, with the next request or the fault of its link; the last has neither."""
        ask: HttpRequest | None = first
        while ask is not None:
            page = self.asker.page(ask, self._check)
            try:
                then, fault = self._then(page, ask), None
            except CitylakeError as error:
                then, fault = None, error
            yield page, then, fault
            ask = then

    def observed(self, datastream: DatastreamId, latest: Mapping[str, str], cursor: PullState) -> Iterator[JsonPage]:
        """The pages of one Datastream, counted; from the cursor's link if that is of this Datastream.

        Raises PAGE_LOOP, PAGES_ENDLESS or LINK_LEAVES after the page with the faulty link.
        """
        name = str(datastream)
        first = observations_request(self.source, datastream, latest.get(name), self.now)
        if cursor.get("datastream") == name:
            first = next_link_request(self.asker, self.source, cursor["link"], first.url, self.rows.pages)
        self.counts.setdefault(name, [None, None])
        for page, then, fault in self.pages(first):
            self._take(name, page.document)
            self.place = None if fault else self._place(name, then)
            yield page
            if fault:
                raise fault

    def chosen(self) -> tuple[DatastreamId, ...]:
        """The ids of the Datastreams; raises STA_NO_DATASTREAMS if none matches the filter."""
        if self.source.datastreams:
            return self.source.datastreams
        found: list[DatastreamId] = []
        for page, _, fault in self.pages(datastreams_request(self.source)):
            if fault:
                raise fault
            found += [self._id(each) for each in page.document["value"]]
        if not found:
            raise CitylakeError("STA_NO_DATASTREAMS", source=self.asker.shown, filter=self.source.filter)
        return tuple(dict.fromkeys(found))

    def _id(self, datastream: Mapping[str, Any]) -> DatastreamId:
        found = datastream.get(_ID)
        if isinstance(found, int | str):
            return found
        said = self.asker.redact(f"{_ID} = {found!r}")[:200]
        raise CitylakeError("HTTP_FAILED_INSIDE", source=self.asker.shown, page=1, message=said)

    def resume(self, cursor: PullState) -> None:
        """Continue with the counts of an interrupted pull."""
        self.rows.pages, self.rows.stored = cursor.get("pages", 0), cursor.get("stored", 0)
        self.counts = {name: list(pair) for name, pair in cursor.get("counts", {}).items()}
        self.moved = {name: list(pair) for name, pair in cursor.get("moved", {}).items()}
        for name, (first, last) in self.counts.items():
            self._compare_counts(name, first, last)
        self.latest, self.done = dict(cursor.get("latest", {})), list(cursor.get("done", ()))

    def settle(self) -> None:
        """Raise ROWS_SHIFTED if an observation came twice, or the count of a Datastream changed between two pages."""
        self.rows.settle(*next(iter(self.moved.values()), (None, None)))

    def _compare_counts(self, name: str, before: int | None, after: int | None) -> None:
        """Note a changed listing. The first and the last count may be equal although a row was missed in between.

        With ``until: open`` a Datastream may grow, because new observations come last in the order of time.
        """
        if before is None or after is None or before == after:
            return
        if after < before or self.source.until == "now":
            self.moved.setdefault(name, [before, after])

    def _place(self, name: str, then: HttpRequest | None) -> PullState | None:
        if then is None:
            self.done.append(name)
        elif self.asker.access.within(then.url) or may_hold_secret(then.url):
            return None
        place = {"datastream": name, "link": then.url} if then else {}
        told = {"pages": self.rows.pages, "stored": self.rows.stored, "done": list(self.done)}
        return {
            **place,
            **told,
            "counts": {each: list(pair) for each, pair in self.counts.items()},
            "moved": {each: list(pair) for each, pair in self.moved.items()},
            "latest": dict(self.latest),
        }

    def _take(self, name: str, document: Any) -> None:
        found = document["value"]
        self.rows.take(found, (each[_ID] for each in found if _ID in each))
        count = parse_count(document.get(_COUNT))
        first, last = self.counts[name]
        self._compare_counts(name, last, count)
        self.counts[name] = [count if first is None else first, last if count is None else count]
        times: list[datetime] = [time for each in found if (time := interval_start(each.get("phenomenonTime")))]
        if times:
            self.latest[name] = max(format_utc_seconds(max(times)), self.latest.get(name, ""))

    def _then(self, page: JsonPage, ask: HttpRequest) -> HttpRequest | None:
        link = page.document.get(_NEXT)
        if not link:
            return None
        number = self.rows.pages + 1
        if len(self.asked) >= self.source.max_pages:
            raise CitylakeError("PAGES_ENDLESS", source=self.asker.shown, limit=self.source.max_pages)
        then = next_link_request(self.asker, self.source, str(link), ask.url, number)
        if then.url in self.asked:
            raise CitylakeError("PAGE_LOOP", source=self.asker.shown, page=number)
        self.asked.add(then.url)
        return then

    def _check(self, page: JsonPage) -> None:
        document = page.document if isinstance(page.document, dict) else {}
        if as_object_list(document.get("value")) is not None:
            return
        code = parse_count(document.get("code"))
        kind = CitylakeError if code is not None and 400 <= code < 500 else TransientError
        said = self.asker.redact(str(document.get("message") or ", ".join(document) or "-"))[:200]
        raise kind("HTTP_FAILED_INSIDE", source=self.asker.shown, page=self.rows.pages + 1, message=said)
