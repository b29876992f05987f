"""Which page comes next, and when there is none."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

from pipelines.pull.connector import State
from pipelines.pull.redact import may_hold_secret
from pipelines.pull.web.ask import Ask, Page, Params
from pipelines.pull.web.asker import Asker
from pipelines.pull.web.document import dig
from pipelines.pull.web.rows import Rows
from schemas.faults import CitylakeError
from schemas.secret_words import names_secret
from schemas.source import RestPagedSource


@dataclass(slots=True)
class Walk:
    """The way through a source's pages; it refuses to go in circles."""

    asker: Asker
    source: RestPagedSource
    rows: Rows
    asked: set[str] = field(default_factory=set)

    def first(self) -> Ask:
        """The first page."""
        ask = first_ask(self.source)
        self.asked.add(_mark(ask))
        return ask

    def following(self, ask: Ask, page: Page, count: int, declared: int | None) -> Ask | None:
        """The page after ``ask``, which held ``count`` records; raises PAGE_LOOP, PAGES_ENDLESS or LINK_LEAVES."""
        then = self._following(ask, page, count, declared)
        if then is None:
            return None
        if self.rows.pages >= self.source.paging.max_pages:
            raise CitylakeError("PAGES_ENDLESS", source=self.asker.shown, limit=self.source.paging.max_pages)
        mark = _mark(then)
        if mark in self.asked:
            raise CitylakeError("PAGE_LOOP", source=self.asker.shown, page=self.rows.pages)
        self.asked.add(mark)
        return then

    def kept(self, ask: Ask) -> State | None:
        """``ask`` as a cursor keeps it; nothing where it may hold a key."""
        asked = {"url": ask.url, "params": dict(ask.params)}
        held = self.asker.access.within(json.dumps(asked, ensure_ascii=False)) or may_hold_secret(ask.url)
        return None if held or any(map(names_secret, self.source.params)) else asked

    def again(self, kept: State) -> Ask:
        """The ask that a cursor kept."""
        url = self.asker.on_origin(kept["url"], self.source.url, self.rows.pages)
        return Ask(url, kept["params"], send=self.source.send)

    def _following(self, ask: Ask, page: Page, count: int, declared: int | None) -> Ask | None:
        paging = self.source.paging
        if paging.by in ("page", "offset"):
            done = not count or (declared is not None and self.rows.stored >= declared)
            place = paging.first + self.rows.pages if paging.by == "page" else self.rows.stored
            return None if done else self._placed(ask, place)
        mark = dig(page.document, paging.next) if paging.next else page.next_link
        if mark in (None, "", False):
            return None
        if paging.by == "cursor":
            return self._placed(ask, mark if isinstance(mark, int) else str(mark))
        return Ask(self.asker.on_origin(str(mark), ask.url, self.rows.pages))

    def _placed(self, ask: Ask, place: str | int) -> Ask:
        params = dict(ask.params)
        put(params, self.source.paging.param or "", place)
        return replace(ask, params=params)


def first_ask(source: RestPagedSource) -> Ask:
    """What is asked first, without a signature."""
    params, paging = dict(source.params), source.paging
    if paging.size_param and paging.size is not None:
        put(params, paging.size_param, paging.size)
    if paging.by in ("page", "offset") and paging.param:
        put(params, paging.param, paging.first if paging.by == "page" else 0)
    return Ask(source.url, params, send=source.send)


def put(params: dict[str, Any], name: str, value: str | int) -> None:
    """Set ``name``, or the member after its first dot where that parameter has members."""
    head, _, member = name.partition(".")
    within = params.get(head)
    if member and isinstance(within, dict):
        params[head] = {**within, member: value}
    else:
        params[name] = value


def _mark(ask: Ask) -> str:
    params: Params = ask.params
    return json.dumps([ask.url, params], sort_keys=True)
