"""Whether the pages that came are the source's records at one instant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from citylake.pipelines.pull.connector_api import CompletenessProof
from citylake.pipelines.pull.connectors.rest_paged.rest_paged_source import Paging
from citylake.pipelines.pull.http.double_read import verify_double_read
from citylake.pipelines.pull.http.http_request import HttpRequest, JsonPage
from citylake.pipelines.pull.http.json_document import encode_canonical, get_member, parse_count, select_records
from citylake.pipelines.pull.http.row_counter import RowCounter
from citylake.schemas.words.errors import CitylakeError, Problem

RequestPage = Callable[[HttpRequest, int], JsonPage]
"""Asks for a page; its number is for messages."""


@dataclass(slots=True)
class PagesCompleteness:
    """The pages of a pull, and the check that they are complete.

    Moving rows are detected by a changed count, by a page or a key that comes twice, and by pages of
    unequal length. Reading pages twice detects all moves except reverted ones (:func:`verify_double_read`).
    """

    paging: Paging
    records: str | None
    rows: RowCounter
    declared: int | None = None
    first_size: int | None = None
    short: bool = False
    untold: bool = False
    """Whether a page had no count: moving rows would not be detected there."""
    seen: list[tuple[HttpRequest, str]] = field(default_factory=list)
    continued: bool = False
    """Whether earlier pages came in an earlier pull and cannot be read again."""
    notices: list[Problem] = field(default_factory=list)
    """What leaves a doubt about the proof."""

    def take(self, ask: HttpRequest, page: JsonPage) -> int:
        """Count a page and return its number of records; raises PAGE_REPEATED, PAGE_UNEVEN or ROWS_SHIFTED."""
        found = list(select_records(page.document, self.records))
        self.rows.take(found, self._keys(found))
        before, now = self.declared, self._count(page)
        self.declared, self.untold = before if now is None else now, self.untold or now is None
        if before is not None and now is not None and before != now:
            self.rows.settle(before, now)
        self._measure(len(found))
        self.seen.append((ask, self.fingerprint(page, self.rows.known()[-1] if found else None)))
        return len(found)

    def fingerprint(self, page: JsonPage, records: str | None = None) -> str:
        """What must be equal if ``page`` is read again; ``records``: their fingerprint if it is known."""
        link = bool(get_member(page.document, self.paging.next) if self.paging.next else page.next_link)
        return f"{records or RowCounter.print(list(select_records(page.document, self.records)))}{'+' if link else '.'}"

    def declares(self, page: JsonPage) -> int | None:
        """The count at which ``page`` may be the last: its own, unless the contract trusts earlier ones."""
        return self.declared if self.paging.verify == "none" else self._count(page)

    @property
    def twice(self) -> bool:
        """Whether every page must be read twice in any case."""
        return self.paging.verify == "reread" or (self.paging.verify is None and self.untold)

    def settle(self, ask_page: RequestPage) -> CompletenessProof:
        """The proof of completeness; raises ROWS_SHIFTED or PAGE_CHANGED if there is none."""
        if self.declared is not None and self.declared != self.rows.stored:
            # The pull reports it, with both numbers.
            return "count"
        doubtful = self.paging.verify is None and not self.paging.key and self.rows.repeats() > 0
        if self.paging.key or (doubtful and self.continued):
            self.rows.settle(self.declared, self.declared)
        if self.twice or doubtful:
            self._reread(ask_page)
            return "unordered" if self._is_unordered() else "reread"
        if self.declared is not None:
            return "count"
        return "last_page" if self.paging.by in ("page", "offset") else "no_next"

    def _reread(self, ask_page: RequestPage) -> None:
        prints = [print_ for _, print_ in self.seen]
        verify_double_read(self.rows.shown, prints, lambda number: self._print_now(ask_page, number))

    def _is_unordered(self) -> bool:
        """Whether records are on two pages, although no page changed; adds a notice.

        Pages that stay the same can overlap: without an order, a row is on two pages and another one on none.
        """
        repeats = 0 if self.paging.key else self.rows.repeats()
        if repeats:
            values = {"source": self.rows.shown, "stored": self.rows.stored, "repeats": repeats}
            self.notices.append(Problem("PAGES_UNORDERED", values))
        return repeats > 0

    def _print_now(self, ask_page: RequestPage, number: int) -> str:
        return self.fingerprint(ask_page(self.seen[number - 1][0], number))

    def _count(self, page: JsonPage) -> int | None:
        return parse_count(get_member(page.document, self.paging.total)) if self.paging.total else None

    def _keys(self, found: Sequence[Any]) -> list[Any]:
        """The keys; without keys the records, once per page: duplicates on one page are in the source."""
        if not self.paging.key:
            return [] if self.paging.verify == "none" else list({encode_canonical(record) for record in found})
        keys = [[get_member(record, path) for path in self.paging.key] for record in found]
        return [key for key in keys if None not in key]

    def _measure(self, size: int) -> None:
        """Pages by number have equal lengths except the last: a short one in between means lost rows."""
        if self.paging.by != "page" or self.declared is not None:
            return
        self.first_size = size if self.first_size is None else self.first_size
        if size and (self.short or size > self.first_size):
            raise CitylakeError("PAGE_UNEVEN", source=self.rows.shown, page=self.rows.pages)
        self.short = size < self.first_size
