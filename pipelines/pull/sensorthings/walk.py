"""The way through the observations of several Datastreams, link by link."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pipelines.pull.connector import State
from pipelines.pull.redact import may_hold_secret
from pipelines.pull.sensorthings.ask import Id, datastreams, following, moment, observations, shown
from pipelines.pull.web.ask import Ask, Page
from pipelines.pull.web.asker import Asker
from pipelines.pull.web.document import count_of, objects_of
from pipelines.pull.web.rows import Rows
from pipelines.pull.web.waiting import PassingError
from schemas.faults import CitylakeError
from schemas.source import SensorthingsSource

_COUNT, _NEXT, _ID = "@iot.count", "@iot.nextLink", "@iot.id"


@dataclass(slots=True)
class Walk:
    """``counts`` and ``latest`` are by Datastream: what its first and its last page declare, and the last time seen."""

    asker: Asker
    source: SensorthingsSource
    rows: Rows
    now: str
    counts: dict[str, list[int | None]] = field(default_factory=dict)
    latest: dict[str, str] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    place: State | None = None
    """What a later pull needs to go on after the last page; nothing where the link may hold a key."""

    @property
    def declared(self) -> int | None:
        """As many as all Datastreams so far declare; None where one does not."""
        known = [count for _, count in self.counts.values() if count is not None]
        return sum(known) if len(known) == len(self.counts) else None

    def pages(self, first: Ask) -> Iterator[tuple[Page, Ask | None, CitylakeError | None]]:
        """Every page from ``first`` on, with the request after it, or why there is none: then it is the last."""
        ask: Ask | None = first
        while ask is not None:
            page = self.asker.page(ask, self._check)
            try:
                then, fault = self._then(page, ask), None
            except CitylakeError as error:
                then, fault = None, error
            yield page, then, fault
            ask = then

    def observed(self, datastream: Id, latest: Mapping[str, str], cursor: State) -> Iterator[Page]:
        """The pages of one Datastream, counted; from the cursor's link where it stopped within this one.

        Raises PAGE_LOOP, PAGES_ENDLESS or LINK_LEAVES after the page whose link cannot be followed.
        """
        name = str(datastream)
        first = observations(self.source, datastream, latest.get(name), self.now)
        if cursor.get("datastream") == name:
            first = following(self.asker, self.source, cursor["link"], first.url, self.rows.pages)
        self.counts.setdefault(name, [None, None])
        for page, then, fault in self.pages(first):
            self._take(name, page.document)
            self.place = None if fault else self._place(name, then)
            yield page
            if fault:
                raise fault

    def chosen(self) -> tuple[Id, ...]:
        """The Datastreams that are wanted; raises STA_NO_DATASTREAMS where none is like the filter."""
        if self.source.datastreams:
            return self.source.datastreams
        found: list[Id] = []
        for page, _, fault in self.pages(datastreams(self.source)):
            if fault:
                raise fault
            found += [self._id(each) for each in page.document["value"]]
        if not found:
            raise CitylakeError("STA_NO_DATASTREAMS", source=self.asker.shown, filter=self.source.filter)
        return tuple(dict.fromkeys(found))

    def _id(self, datastream: Mapping[str, Any]) -> Id:
        found = datastream.get(_ID)
        if isinstance(found, int | str):
            return found
        said = self.asker.redact(f"{_ID} = {found!r}")[:200]
        raise CitylakeError("HTTP_FAILED_INSIDE", source=self.asker.shown, page=1, message=said)

    def resume(self, cursor: State) -> None:
        """Begin with what an earlier pull counted."""
        self.rows.pages, self.rows.stored = cursor.get("pages", 0), cursor.get("stored", 0)
        self.counts = {name: list(pair) for name, pair in cursor.get("counts", {}).items()}
        self.latest, self.done = dict(cursor.get("latest", {})), list(cursor.get("done", ()))

    def settle(self) -> None:
        """Raise ROWS_SHIFTED where an observation came twice, or a Datastream's count did not stand still.

        Where it is open to the future, it may grow: what is new comes last, in the order of time.
        """
        pairs = [(first, last) for first, last in self.counts.values() if first is not None and last is not None]
        moved = (pair for pair in pairs if pair[1] < pair[0] or (self.source.until == "now" and pair[1] != pair[0]))
        self.rows.settle(*next(moved, (None, None)))

    def _place(self, name: str, then: Ask | None) -> State | None:
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
            "latest": dict(self.latest),
        }

    def _take(self, name: str, document: Any) -> None:
        found = document["value"]
        self.rows.take(found, (each[_ID] for each in found if _ID in each))
        count = count_of(document.get(_COUNT))
        first, last = self.counts[name]
        self.counts[name] = [count if first is None else first, last if count is None else count]
        times: list[datetime] = [time for each in found if (time := moment(each.get("phenomenonTime")))]
        if times:
            self.latest[name] = max(shown(max(times)), self.latest.get(name, ""))

    def _then(self, page: Page, ask: Ask) -> Ask | None:
        link = page.document.get(_NEXT)
        if not link:
            return None
        number = self.rows.pages + 1
        if len(self.asked) >= self.source.max_pages:
            raise CitylakeError("PAGES_ENDLESS", source=self.asker.shown, limit=self.source.max_pages)
        then = following(self.asker, self.source, str(link), ask.url, number)
        if then.url in self.asked:
            raise CitylakeError("PAGE_LOOP", source=self.asker.shown, page=number)
        self.asked.add(then.url)
        return then

    def _check(self, page: Page) -> None:
        document = page.document if isinstance(page.document, dict) else {}
        if objects_of(document.get("value")) is not None:
            return
        code = count_of(document.get("code"))
        kind = CitylakeError if code is not None and 400 <= code < 500 else PassingError
        said = self.asker.redact(str(document.get("message") or ", ".join(document) or "-"))[:200]
        raise kind("HTTP_FAILED_INSIDE", source=self.asker.shown, page=self.rows.pages + 1, message=said)
