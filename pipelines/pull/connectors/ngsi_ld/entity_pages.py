"""The entities of a query, page by page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from citylake.pipelines.pull.connector_api import FetchProgress, LandedPart, PullState
from citylake.pipelines.pull.connectors.ngsi_ld.ngsi_ld_source import NgsiLdSource
from citylake.pipelines.pull.http.double_read import verify_double_read
from citylake.pipelines.pull.http.error_message import find_error_message
from citylake.pipelines.pull.http.http_client import HttpClient
from citylake.pipelines.pull.http.http_request import HttpRequest, JsonPage
from citylake.pipelines.pull.http.json_document import as_object_list, digest_records, parse_count
from citylake.pipelines.pull.http.rate_limit import TransientError
from citylake.pipelines.pull.http.row_counter import RowCounter
from citylake.schemas.words.errors import CitylakeError

_COUNTS = ("ngsild-results-count", "fiware-total-count")
_TOO_MANY = re.compile(r"too\s?many|\blimit\b", re.IGNORECASE)


@dataclass(slots=True)
class EntityPages:
    """The pages of a broker: up to the declared count, or to the first empty page if there is no count.

    Without a count, all pages are read twice. Entities are in the order of their creation.
    """

    source: NgsiLdSource
    asker: HttpClient
    ask: HttpRequest
    rows: RowCounter
    before: int | None = None
    declared: int | None = None
    offsets: list[int] = field(default_factory=list)
    prints: list[str] = field(default_factory=list)

    def parts(self, tally: FetchProgress) -> Iterator[LandedPart]:
        """Every page, then the check of the total; raises ROWS_SHIFTED or PAGE_CHANGED if entities moved."""
        self._go_on(tally.cursor)
        more = True
        while more:
            page = self._page(self.rows.stored)
            # A fault from here on means that entities moved: the next pull starts from the beginning.
            tally.cursor = None
            more = self._take(page)
            yield page.part(f"{self.rows.pages:05d}.json")
            tally.declared, tally.stored = self.declared, self.rows.stored
            tally.cursor = self._cursor() if more else None
        self.rows.settle(self.before, self.declared)
        tally.proof = "reread" if self.declared is None else "count"
        if self.declared is None:
            self.asker.spent_bytes = 0
            verify_double_read(self.rows.shown, self.prints, self._print_now)

    def _print_now(self, number: int) -> str:
        return digest_records(self._page(self.offsets[number - 1]).document)[:16]

    def _page(self, offset: int) -> JsonPage:
        """The page at ``offset``; raises NGSI_TOO_MANY if the broker refuses the page size."""
        try:
            return self.asker.page(replace(self.ask, params={**self.ask.params, "offset": offset}), self._check)
        except CitylakeError as error:
            said = str(error.values.get("message", ""))
            if error.code != "HTTP_REFUSED" or isinstance(error, TransientError) or not _TOO_MANY.search(said):
                raise
            told = {"source": self.rows.shown, "size": self.source.page_size, "message": said}
            raise CitylakeError("NGSI_TOO_MANY", **told) from None

    def _check(self, page: JsonPage) -> None:
        if as_object_list(page.document) is not None:
            return
        document = page.document
        message = find_error_message(document) if isinstance(document, dict) else None
        said = self.asker.redact(message or str(document))[:200]
        raise TransientError("HTTP_FAILED_INSIDE", source=self.rows.shown, page=self.rows.pages + 1, message=said)

    def _take(self, page: JsonPage) -> bool:
        """Count a page; returns whether there is another."""
        found: Sequence[Any] = page.document
        self.offsets.append(self.rows.stored)
        self.rows.take(found, [entity["id"] for entity in found if "id" in entity])
        self.prints.append(digest_records(found)[:16])
        told = next((parse_count(page.headers[name]) for name in _COUNTS if name in page.headers), None)
        self.declared = told if self.rows.pages == 1 or told is not None else self.declared
        self.before = self.declared if self.rows.pages == 1 else self.before
        if self.rows.pages >= self.source.max_pages and found:
            raise CitylakeError("PAGES_ENDLESS", source=self.rows.shown, limit=self.source.max_pages)
        return bool(found) and (self.declared is None or self.rows.stored < self.declared)

    def _cursor(self) -> PullState:
        told = {"prints": self.prints, "offsets": self.offsets, "stored": self.rows.stored}
        return {**told, "before": self.before, "declared": self.declared}

    def _go_on(self, cursor: PullState | None) -> None:
        if cursor is None:
            return
        self.prints.extend(cursor["prints"])
        self.offsets.extend(cursor["offsets"])
        self.rows.pages, self.rows.stored = len(cursor["offsets"]), cursor["stored"]
        self.before, self.declared = cursor["before"], cursor["declared"]
