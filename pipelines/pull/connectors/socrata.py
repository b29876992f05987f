"""``socrata``: a dataset's rows in the order of ``:id``, page after page."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.pull.connector import Fetch, NotModifiedError, Part, Pulling, Tally
from pipelines.pull.portals.soda import Soda, rows_ask
from pipelines.pull.portals.table import parts as pages
from pipelines.pull.redact import shown_url
from pipelines.pull.web.asker import asking
from schemas.source import SocrataSource


def fetches(source: SocrataSource, pulling: Pulling) -> Iterator[Fetch]:
    """One fetch, named by the dataset's id."""

    def parts(tally: Tally) -> Iterator[Part]:
        with asking(source) as asker:
            yield from _rows(Soda(asker, source), pulling, tally)

    name = source.dataset
    yield Fetch(f"{shown_url(source.url).rstrip('/')} {name}", name, parts, None, (str(rows_ask(source, None, 0)),))


def _rows(table: Soda, pulling: Pulling, tally: Tally) -> Iterator[Part]:
    name = table.source.dataset
    if table.source.incremental:
        table.go_on_after(pulling.state(name))
    # What is updated from here on is the next pull's; one that is continued began earlier.
    before = table.begin() if tally.cursor is None else None
    if table.since and before == 0 and pulling.committed(name):
        raise NotModifiedError
    yield from pages(table, tally, before)
    tally.state = {"updated_at": table.latest} if table.source.incremental and table.latest else None
