"""``rest_paged``: page by page, each page stored as received."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from urllib.parse import urljoin

from citylake.pipelines.pull.connector_api import (
    CompletenessProof,
    Fetch,
    FetchProgress,
    LandedPart,
    PullContext,
    PullState,
)
from citylake.pipelines.pull.connectors.rest_paged.completeness import PagesCompleteness
from citylake.pipelines.pull.connectors.rest_paged.paginator import Paginator, first_page_request
from citylake.pipelines.pull.connectors.rest_paged.request_signing import make_request_signer
from citylake.pipelines.pull.connectors.rest_paged.rest_paged_source import RestPagedSource
from citylake.pipelines.pull.http.http_client import HttpClient, open_http_client
from citylake.pipelines.pull.http.http_request import HttpRequest, JsonPage, url_basename
from citylake.pipelines.pull.http.response_checks import records_check
from citylake.pipelines.pull.http.row_counter import RowCounter
from citylake.pipelines.pull.redact import redact_url
from citylake.schemas.model.formats import JsonFormat
from citylake.schemas.words.errors import CitylakeError


def rest_paged_fetches(source: RestPagedSource, pulling: PullContext) -> Iterator[Fetch]:
    """One fetch, named by the last part of the URL's path."""
    shown = redact_url(source.url)
    yield Fetch(
        shown,
        url_basename(source.url),
        partial(_fetch_rest_pages, source),
        _paging_proof(source),
        _describe_requests(source),
    )


def _fetch_rest_pages(source: RestPagedSource, tally: FetchProgress) -> Iterator[LandedPart]:
    form = source.format
    assert isinstance(form, JsonFormat)
    with open_http_client(source) as asker:
        rows = RowCounter(asker.shown)
        whole = PagesCompleteness(source.paging, form.records, rows)
        yield from _RestPages(source, form, asker, Paginator(asker, source, rows), whole, tally).parts()


@dataclass(slots=True)
class _RestPages:
    source: RestPagedSource
    form: JsonFormat
    asker: HttpClient
    walk: Paginator
    whole: PagesCompleteness
    tally: FetchProgress

    def parts(self) -> Iterator[LandedPart]:
        rows = self.walk.rows
        ask: HttpRequest | None = self._start()
        while ask is not None:
            page = self._page(ask, rows.pages + 1)
            # A fault from here on means that rows moved: the next pull starts from the beginning.
            self.tally.cursor = None
            count = self.whole.take(ask, page)
            yield page.part(f"{rows.pages:05d}.json")
            self.tally.declared, self.tally.stored = self.whole.declared, rows.stored
            then = self.walk.following(ask, page, count, self.whole.declares(page))
            self.tally.cursor = self._cursor(ask, then) if then else None
            ask = then
        self.asker.spent_bytes = 0
        self.tally.proof = self.whole.settle(self._page)
        self.tally.notices += self.whole.notices

    def _page(self, ask: HttpRequest, number: int) -> JsonPage:
        check = records_check(self.asker, number, self.form.records)
        return self.asker.page(ask, check, self.form.encoding, make_request_signer(self.asker, self.source.sign))

    def _start(self) -> HttpRequest:
        """The first page, or the one where an earlier pull stopped if the page before it has not changed."""
        rows, kept = self.walk.rows, self.tally.cursor
        if kept is None:
            return self.walk.first()
        rows.pages, rows.stored = kept["pages"], kept["stored"]
        self.whole.declared, self.whole.first_size, self.whole.continued = kept["declared"], kept["size"], True
        rows.remember(kept["known"])
        last = self._page(self.walk.again(kept["last"]), rows.pages)
        if self.whole.fingerprint(last) != kept["print"]:
            self.tally.cursor = None
            raise CitylakeError("PAGE_CHANGED", source=self.asker.shown, page=rows.pages)
        return self.walk.again(kept["then"])

    def _cursor(self, ask: HttpRequest, then: HttpRequest) -> PullState | None:
        """The position to continue at; None if every page must be read twice, because earlier ones cannot be."""
        rows, last, following = self.walk.rows, self.walk.kept(ask), self.walk.kept(then)
        if self.whole.twice or last is None or following is None:
            return None
        told = {"pages": rows.pages, "stored": rows.stored, "declared": self.whole.declared}
        known = {"print": self.whole.seen[-1][1], "known": rows.known(), "size": self.whole.first_size}
        return {"last": last, "then": following, **told, **known}


def _paging_proof(source: RestPagedSource) -> CompletenessProof:
    if source.paging.verify == "reread" or not (source.paging.total or source.paging.verify):
        return "reread"
    if source.paging.total:
        return "count"
    return "last_page" if source.paging.by in ("page", "offset") else "no_next"


def _describe_requests(source: RestPagedSource) -> tuple[str, ...]:
    asked = (str(first_page_request(source)),)
    return (f"POST {redact_url(urljoin(source.url, source.sign.url))}", *asked) if source.sign else asked
