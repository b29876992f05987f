"""The pages of one resource, by number up to an empty one; ``found`` is not always a total."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from citylake.pipelines.pull.connector_api import FetchProgress, LandedPart, PullState
from citylake.pipelines.pull.connectors.openaq.openaq_source import OpenaqSource
from citylake.pipelines.pull.connectors.openaq.series_period import LatestPeriodEnd
from citylake.pipelines.pull.http.double_read import verify_double_read
from citylake.pipelines.pull.http.error_message import find_error_message
from citylake.pipelines.pull.http.http_client import HttpClient
from citylake.pipelines.pull.http.http_request import HttpRequest, JsonPage
from citylake.pipelines.pull.http.json_document import as_object_list, digest_records, get_member, parse_count
from citylake.pipelines.pull.http.rate_limit import TransientError
from citylake.pipelines.pull.http.row_counter import RowCounter
from citylake.schemas.words.errors import CitylakeError


def page_results(asker: HttpClient, page: JsonPage, number: int) -> Sequence[Any]:
    """The rows of a page; raises HTTP_FAILED_INSIDE, which is transient, if it has no list of objects."""
    found = as_object_list(get_member(page.document, "results"))
    if found is not None:
        return found
    message = find_error_message(page.document) if isinstance(page.document, dict) else None
    said = asker.redact(message or str(page.document))[:200]
    raise TransientError("HTTP_FAILED_INSIDE", source=asker.shown, page=number, message=said)


@dataclass(slots=True)
class OpenaqPages:
    """One resource, page by page.

    ``meta.found`` is the number of all rows on some resources. On others it is that of the page, or ``>1000`` where
    the page is full: then it is the total only on a first page that is not full. Without a total, every page is
    read again, from the last to the first: pages that are equal twice did not change between the two readings.
    """

    asker: HttpClient
    ask: HttpRequest
    key: str
    rows: RowCounter
    newest: LatestPeriodEnd | None
    declared: int | None = None
    declared_last: int | None = None
    short: bool = False
    prints: list[str] = field(default_factory=list)

    def parts(self, tally: FetchProgress) -> Iterator[LandedPart]:
        """Every page, with the empty one at the end; then the check of the total."""
        self._go_on(tally.cursor)
        found: Sequence[Any] = (None,)
        while found:
            page = self._page(self.rows.pages + 1)
            # A fault from here on means that rows moved: the next pull starts from the beginning.
            tally.cursor = None
            found = self._take(page)
            yield page.part(f"{self.rows.pages:05d}.json")
            tally.declared, tally.stored = self.declared, self.rows.stored
            tally.cursor = self._cursor() if found else None
        self.rows.settle(self.declared, self.declared_last)
        tally.proof = "reread" if self.declared is None else "count"
        if self.declared is None:
            self.asker.spent_bytes = 0
            verify_double_read(self.rows.shown, self.prints, self._print_now)

    def _print_now(self, number: int) -> str:
        return digest_records(page_results(self.asker, self._page(number), number))[:16]

    def _page(self, number: int) -> JsonPage:
        def check(page: JsonPage) -> None:
            page_results(self.asker, page, number)

        return self.asker.page(replace(self.ask, params={**self.ask.params, "page": number}), check)

    def _take(self, page: JsonPage) -> Sequence[Any]:
        found = page_results(self.asker, page, self.rows.pages + 1)
        keys = [key for record in found if (key := get_member(record, self.key)) is not None]
        self.rows.take(found, keys)
        self._measure(len(found))
        if self.newest:
            self.newest.note(found)
        told = parse_count(get_member(page.document, "meta.found"))
        if self.rows.pages == 1:
            self.declared = told
        if found and self.declared is not None:
            self.declared_last = told
        self.prints.append(digest_records(found)[:16])
        return found

    def _measure(self, count: int) -> None:
        """Only the last page may be short, because the next one begins where a full one would end."""
        source = self.asker.source
        assert isinstance(source, OpenaqSource)
        if self.short and count:
            raise CitylakeError("PAGE_UNEVEN", source=self.rows.shown, page=self.rows.pages - 1)
        if count and self.rows.pages >= source.max_pages:
            raise CitylakeError("PAGES_ENDLESS", source=self.rows.shown, limit=source.max_pages)
        self.short = count < source.page_size

    def _cursor(self) -> PullState:
        told: PullState = {"prints": self.prints, "stored": self.rows.stored, "short": self.short}
        end = self.newest.end.isoformat() if self.newest and self.newest.end else None
        told["params"] = dict(self.ask.params)
        return {**told, "declared": self.declared, "declared_last": self.declared_last, "end": end}

    def _go_on(self, cursor: PullState | None) -> None:
        if cursor is None:
            return
        # The bounds, too, are those of the pull that is continued.
        self.ask = replace(self.ask, params=cursor["params"])
        self.prints.extend(cursor["prints"])
        self.rows.pages, self.rows.stored, self.short = len(cursor["prints"]), cursor["stored"], cursor["short"]
        self.declared, self.declared_last = cursor["declared"], cursor["declared_last"]
        if self.newest and cursor["end"]:
            self.newest.end = datetime.fromisoformat(cursor["end"])
