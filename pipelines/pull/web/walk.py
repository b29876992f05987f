"""Which page comes next, and when there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pipelines.pull.connector import State
from pipelines.pull.redact import may_hold_secret
from pipelines.pull.web.ask import Ask, Page
from pipelines.pull.web.asker import Asker
from pipelines.pull.web.document import count_of, dig, records_of
from pipelines.pull.web.rows import Rows
from schemas.faults import CitylakeError
from schemas.formats import JsonFormat
from schemas.source import Paging


@dataclass(slots=True)
class Walk:
    """The way through a source's pages; it refuses to go in circles."""

    asker: Asker
    paging: Paging
    params: Mapping[str, str | int]
    rows: Rows
    declared: int | None = None
    first_declared: int | None = None
    asked: set[Any] = field(default_factory=set)

    def first(self, cursor: State | None) -> Ask:
        """The first page, or the one where ``cursor`` goes on."""
        ask = Ask(self.asker.source.url, self._first())
        if cursor is None:
            return ask
        self.rows.pages, self.rows.stored = cursor["pages"], cursor["stored"]
        self.first_declared = cursor["declared"]
        return Ask(self.asker.on_origin(cursor["url"], ask.url, self.rows.pages), cursor["params"])

    def take(self, page: Page) -> int:
        """Count a page and return its number of records; raises PAGE_REPEATED where its records came before."""
        form = self.asker.source.format
        assert isinstance(form, JsonFormat)
        records = list(records_of(page.document, form.records))
        declared = count_of(dig(page.document, self.paging.total)) if self.paging.total else None
        self.declared = self.declared if declared is None else declared
        self.first_declared = self.declared if self.first_declared is None else self.first_declared
        self.rows.take(records)
        return len(records)

    def following(self, ask: Ask, page: Page, count: int) -> Ask | None:
        """The page after ``ask``, which held ``count`` records; raises PAGE_LOOP, PAGES_ENDLESS or LINK_LEAVES."""
        then = self._following(ask, page, count)
        if then is None:
            return None
        if self.rows.pages >= self.paging.max_pages:
            raise CitylakeError("PAGES_ENDLESS", source=self.asker.shown, limit=self.paging.max_pages)
        mark = (then.url, *sorted(then.params.items()))
        if mark in self.asked:
            raise CitylakeError("PAGE_LOOP", source=self.asker.shown, page=self.rows.pages)
        self.asked.add(mark)
        return then

    def cursor(self, then: Ask) -> State | None:
        """What a later pull needs to go on with ``then``; nothing where its address may hold a key."""
        if self.asker.access.within(then.url) or may_hold_secret(then.url):
            return None
        told = {"pages": self.rows.pages, "stored": self.rows.stored, "declared": self.first_declared}
        return {"url": then.url, "params": dict(then.params), **told}

    def _first(self) -> dict[str, str | int]:
        params, paging = dict(self.params), self.paging
        if paging.size_param and paging.size is not None:
            params[paging.size_param] = paging.size
        if paging.by in ("page", "offset") and paging.param:
            params[paging.param] = paging.first if paging.by == "page" else 0
        return params

    def _following(self, ask: Ask, page: Page, count: int) -> Ask | None:
        by, param = self.paging.by, self.paging.param or ""
        if by in ("page", "offset"):
            done = not count or (self.declared is not None and self.rows.stored >= self.declared)
            place = self.paging.first + self.rows.pages if by == "page" else self.rows.stored
            return None if done else replace(ask, params={**ask.params, param: place})
        mark = dig(page.document, self.paging.next) if self.paging.next else page.next_link
        if mark in (None, "", False):
            return None
        if by == "cursor":
            return replace(ask, params={**ask.params, param: mark})
        return Ask(self.asker.on_origin(str(mark), ask.url, self.rows.pages))
