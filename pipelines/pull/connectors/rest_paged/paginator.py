"""The next page, by the contract's paging."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

from citylake.pipelines.pull.connector_api import PullState
from citylake.pipelines.pull.connectors.rest_paged.rest_paged_source import RestPagedSource
from citylake.pipelines.pull.http.http_client import HttpClient
from citylake.pipelines.pull.http.http_request import HttpParams, HttpRequest, JsonPage
from citylake.pipelines.pull.http.json_document import get_member
from citylake.pipelines.pull.http.row_counter import RowCounter
from citylake.pipelines.pull.redact import may_hold_secret
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.secret_words import names_secret


@dataclass(slots=True)
class Paginator:
    """The requests for a source's pages; a loop is an error."""

    asker: HttpClient
    source: RestPagedSource
    rows: RowCounter
    asked: set[str] = field(default_factory=set)

    def first(self) -> HttpRequest:
        """The first page."""
        ask = first_page_request(self.source)
        self.asked.add(_request_key(ask))
        return ask

    def following(self, ask: HttpRequest, page: JsonPage, count: int, declared: int | None) -> HttpRequest | None:
        """The request after ``ask`` with ``count`` records; raises PAGE_LOOP, PAGES_ENDLESS or LINK_LEAVES."""
        then = self._following(ask, page, count, declared)
        if then is None:
            return None
        if self.rows.pages >= self.source.paging.max_pages:
            raise CitylakeError("PAGES_ENDLESS", source=self.asker.shown, limit=self.source.paging.max_pages)
        mark = _request_key(then)
        if mark in self.asked:
            raise CitylakeError("PAGE_LOOP", source=self.asker.shown, page=self.rows.pages)
        self.asked.add(mark)
        return then

    def kept(self, ask: HttpRequest) -> PullState | None:
        """``ask`` for a cursor; None if it may contain a key."""
        asked = {"url": ask.url, "params": dict(ask.params)}
        held = self.asker.access.within(json.dumps(asked, ensure_ascii=False)) or may_hold_secret(ask.url)
        return None if held or any(map(names_secret, self.source.params)) else asked

    def again(self, kept: PullState) -> HttpRequest:
        """The request in a cursor."""
        url = self.asker.on_origin(kept["url"], self.source.url, self.rows.pages)
        return HttpRequest(url, kept["params"], send=self.source.send)

    def _following(self, ask: HttpRequest, page: JsonPage, count: int, declared: int | None) -> HttpRequest | None:
        paging = self.source.paging
        if paging.by in ("page", "offset"):
            done = not count or (declared is not None and self.rows.stored >= declared)
            place = paging.first + self.rows.pages if paging.by == "page" else self.rows.stored
            return None if done else self._placed(ask, place)
        mark = get_member(page.document, paging.next) if paging.next else page.next_link
        if mark in (None, "", False):
            return None
        if paging.by == "cursor":
            return self._placed(ask, mark if isinstance(mark, int) else str(mark))
        return HttpRequest(self.asker.on_origin(str(mark), ask.url, self.rows.pages))

    def _placed(self, ask: HttpRequest, place: str | int) -> HttpRequest:
        params = dict(ask.params)
        set_request_param(params, self.source.paging.param or "", place)
        return replace(ask, params=params)


def first_page_request(source: RestPagedSource) -> HttpRequest:
    """The first request, without a signature."""
    params, paging = dict(source.params), source.paging
    if paging.size_param and paging.size is not None:
        set_request_param(params, paging.size_param, paging.size)
    if paging.by in ("page", "offset") and paging.param:
        set_request_param(params, paging.param, paging.first if paging.by == "page" else 0)
    return HttpRequest(source.url, params, send=source.send)


def set_request_param(params: dict[str, Any], name: str, value: str | int) -> None:
    """Set ``name``, or the member after its first dot if that parameter has members."""
    head, _, member = name.partition(".")
    within = params.get(head)
    if member and isinstance(within, dict):
        params[head] = {**within, member: value}
    else:
        params[name] = value


def _request_key(ask: HttpRequest) -> str:
    params: HttpParams = ask.params
    return json.dumps([ask.url, params], sort_keys=True)
