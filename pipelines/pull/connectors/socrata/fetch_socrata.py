"""``socrata``: the rows of a dataset in the order of ``:id``, page by page."""

from __future__ import annotations

from collections.abc import Iterator

from citylake.pipelines.pull.connector_api import Fetch, FetchProgress, LandedPart, NotModifiedError, PullContext
from citylake.pipelines.pull.connectors.socrata.socrata_source import SocrataSource
from citylake.pipelines.pull.connectors.socrata.soda_table import SodaTable, soda_rows_request
from citylake.pipelines.pull.http.http_client import open_http_client
from citylake.pipelines.pull.portal_table import fetch_table_pages as pages
from citylake.pipelines.pull.redact import redact_url


def socrata_fetches(source: SocrataSource, pulling: PullContext) -> Iterator[Fetch]:
    """One fetch, named by the dataset's id."""

    def parts(tally: FetchProgress) -> Iterator[LandedPart]:
        with open_http_client(source) as asker:
            yield from _fetch_soda_rows(SodaTable(asker, source), pulling, tally)

    name = source.dataset
    yield Fetch(
        f"{redact_url(source.url).rstrip('/')} {name}", name, parts, None, (str(soda_rows_request(source, None, 0)),)
    )


def _fetch_soda_rows(table: SodaTable, pulling: PullContext, tally: FetchProgress) -> Iterator[LandedPart]:
    name = table.source.dataset
    if table.source.incremental:
        table.go_on_after(pulling.state(name))
    # Later updates are left to the next pull; a continued pull has its own earlier start.
    before = table.begin() if tally.cursor is None else None
    if table.since and before == 0 and pulling.committed(name):
        raise NotModifiedError
    yield from pages(table, tally, before)
    tally.state = {"updated_at": table.latest} if table.source.incremental and table.latest else None
