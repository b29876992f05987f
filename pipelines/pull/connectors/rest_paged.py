"""``rest_paged``: GET, page after page, each stored exactly as it came."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from pipelines.pull.connector import Fetch, Part, Proof, Pulling, Tally
from pipelines.pull.redact import shown_url
from pipelines.pull.web.ask import Ask, name_of
from pipelines.pull.web.asker import Asker, asking
from pipelines.pull.web.envelope import succeeded
from pipelines.pull.web.rows import Rows
from pipelines.pull.web.walk import Walk
from schemas.formats import JsonFormat
from schemas.source import Paging, RestPagedSource


def fetches(source: RestPagedSource, pulling: Pulling) -> Iterator[Fetch]:
    """One fetch, named by the last part of the URL's path."""
    shown = shown_url(source.url)
    ask = Ask(source.url, source.params)
    yield Fetch(shown, name_of(source.url), partial(_parts, source), _proof(source.paging), (str(ask),))


def _parts(source: RestPagedSource, tally: Tally) -> Iterator[Part]:
    with asking(source) as asker:
        yield from _pages(asker, Walk(asker, source.paging, source.params, Rows(asker.shown)), tally)


def _pages(asker: Asker, walk: Walk, tally: Tally) -> Iterator[Part]:
    form = asker.source.format
    assert isinstance(form, JsonFormat)
    ask: Ask | None = walk.first(tally.cursor)
    while ask is not None:
        page = asker.page(ask, succeeded(asker, walk.rows.pages + 1), form.encoding)
        count = walk.take(page)
        yield page.part(f"{walk.rows.pages:05d}.json")
        tally.declared, tally.stored = walk.declared, walk.rows.stored
        ask = walk.following(ask, page, count)
        tally.cursor = walk.cursor(ask) if ask else None
    walk.rows.settle(walk.first_declared, walk.declared)


def _proof(paging: Paging) -> Proof:
    if paging.total:
        return "count"
    return "last_page" if paging.by in ("page", "offset") else "no_next"
