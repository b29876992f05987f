"""``rest_paged``: page after page, each stored exactly as it came."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from urllib.parse import urljoin

from pipelines.pull.connector import Fetch, Part, Proof, Pulling, State, Tally
from pipelines.pull.paged.signing import signer
from pipelines.pull.paged.walk import Walk, first_ask
from pipelines.pull.paged.whole import Whole
from pipelines.pull.redact import shown_url
from pipelines.pull.web.ask import Ask, Page, name_of
from pipelines.pull.web.asker import Asker, asking
from pipelines.pull.web.envelope import holds_records
from pipelines.pull.web.rows import Rows
from schemas.faults import CitylakeError
from schemas.formats import JsonFormat
from schemas.source import RestPagedSource


def fetches(source: RestPagedSource, pulling: Pulling) -> Iterator[Fetch]:
    """One fetch, named by the last part of the URL's path."""
    shown = shown_url(source.url)
    yield Fetch(shown, name_of(source.url), partial(_parts, source), _proof(source), _asks(source))


def _parts(source: RestPagedSource, tally: Tally) -> Iterator[Part]:
    form = source.format
    assert isinstance(form, JsonFormat)
    with asking(source) as asker:
        rows = Rows(asker.shown)
        whole = Whole(source.paging, form.records, rows)
        yield from _Pages(source, form, asker, Walk(asker, source, rows), whole, tally).parts()


@dataclass(slots=True)
class _Pages:
    source: RestPagedSource
    form: JsonFormat
    asker: Asker
    walk: Walk
    whole: Whole
    tally: Tally

    def parts(self) -> Iterator[Part]:
        rows = self.walk.rows
        ask: Ask | None = self._start()
        while ask is not None:
            page = self._page(ask, rows.pages + 1)
            # A fault from here on tells of rows that moved: the next pull begins anew.
            self.tally.cursor = None
            count = self.whole.take(ask, page)
            yield page.part(f"{rows.pages:05d}.json")
            self.tally.declared, self.tally.stored = self.whole.declared, rows.stored
            then = self.walk.following(ask, page, count, self.whole.declares(page))
            self.tally.cursor = self._cursor(ask, then) if then else None
            ask = then
        self.asker.spent_bytes = 0
        self.tally.proof = self.whole.settle(self._page)

    def _page(self, ask: Ask, number: int) -> Page:
        check = holds_records(self.asker, number, self.form.records)
        return self.asker.page(ask, check, self.form.encoding, signer(self.asker, self.source.sign))

    def _start(self) -> Ask:
        """The first page, or the one where an earlier pull stopped, if its last page is still the same."""
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

    def _cursor(self, ask: Ask, then: Ask) -> State | None:
        """Where to go on; nothing where every page has to be read twice: the earlier ones could not be."""
        rows, last, following = self.walk.rows, self.walk.kept(ask), self.walk.kept(then)
        if self.whole.twice or last is None or following is None:
            return None
        told = {"pages": rows.pages, "stored": rows.stored, "declared": self.whole.declared}
        known = {"print": self.whole.seen[-1][1], "known": rows.known(), "size": self.whole.first_size}
        return {"last": last, "then": following, **told, **known}


def _proof(source: RestPagedSource) -> Proof:
    if source.paging.verify == "reread" or not (source.paging.total or source.paging.verify):
        return "reread"
    if source.paging.total:
        return "count"
    return "last_page" if source.paging.by in ("page", "offset") else "no_next"


def _asks(source: RestPagedSource) -> tuple[str, ...]:
    asked = (str(first_ask(source)),)
    return (f"POST {shown_url(urljoin(source.url, source.sign.url))}", *asked) if source.sign else asked
