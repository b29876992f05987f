"""Which page comes next, and when there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urljoin, urlsplit

from pipelines.pull.document import count_of, dig, digest_of
from pipelines.pull.redact import shown_url
from schemas.faults import CitylakeError
from schemas.source import HttpSource, Paging


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: where, and with which parameters (None: those that the URL already has)."""

    url: str
    params: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(slots=True)
class Walk:
    """The way through a source's pages; it knows what it has seen, and refuses to go in circles."""

    source: HttpSource
    paging: Paging
    number: int = 0
    stored: int = 0
    declared: int | None = None
    seen: set[Any] = field(default_factory=set)

    def first(self) -> Ask:
        """The first page."""
        params = dict(self.source.params)
        if self.paging.size_param and self.paging.size is not None:
            params[self.paging.size_param] = self.paging.size
        if self.paging.by in ("page", "offset") and self.paging.param:
            params[self.paging.param] = self.paging.first if self.paging.by == "page" else 0
        return Ask(self.source.url, params)

    def take(self, document: Any, records: list[Any]) -> None:
        """Count a page; raises PAGE_REPEATED where its records came before."""
        self.number += 1
        declared = count_of(dig(document, self.paging.total)) if self.paging.total else None
        self.declared = self.declared if declared is None else declared
        if records:
            self._new(digest_of(records), "PAGE_REPEATED")
        self.stored += len(records)

    def following(self, ask: Ask, document: Any, count: int, header: str | None) -> Ask | None:
        """The page after ``ask``, which held ``count`` records; raises PAGE_LOOP, PAGES_ENDLESS or LINK_LEAVES."""
        then = self._following(ask, document, count, header)
        if then is None:
            return None
        if self.number >= self.paging.max_pages:
            raise CitylakeError("PAGES_ENDLESS", source=shown_url(self.source.url), limit=self.paging.max_pages)
        self._new((then.url, *sorted(then.params.items())), "PAGE_LOOP")
        return then

    def _following(self, ask: Ask, document: Any, count: int, header: str | None) -> Ask | None:
        by, param = self.paging.by, self.paging.param or ""
        if by in ("page", "offset"):
            done = not count or (self.declared is not None and self.stored >= self.declared)
            place = self.paging.first + self.number if by == "page" else self.stored
            return None if done else replace(ask, params={**ask.params, param: place})
        mark = dig(document, self.paging.next) if self.paging.next else header
        if mark in (None, "", False):
            return None
        if by == "cursor":
            return replace(ask, params={**ask.params, param: mark})
        return Ask(self._on_origin(urljoin(ask.url, str(mark))))

    def _on_origin(self, url: str) -> str:
        if origin(url) != origin(self.source.url):
            raise CitylakeError("LINK_LEAVES", source=shown_url(self.source.url), page=self.number, link=shown_url(url))
        return url

    def _new(self, mark: Any, code: str) -> None:
        if mark in self.seen:
            raise CitylakeError(code, source=shown_url(self.source.url), page=self.number)
        self.seen.add(mark)


def origin(url: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port: where credentials may be sent."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
