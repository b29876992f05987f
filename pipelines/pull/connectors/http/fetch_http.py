"""``http``: one file or document by GET, stored as received."""

from __future__ import annotations

from collections.abc import Iterator

from citylake.pipelines.pull.connector_api import Fetch, FetchProgress, LandedPart, PullContext
from citylake.pipelines.pull.connectors.http.http_source import HttpSource
from citylake.pipelines.pull.http.conditional_get import fetch_document
from citylake.pipelines.pull.http.http_client import HttpClient, open_http_client
from citylake.pipelines.pull.http.http_request import HttpRequest, url_basename
from citylake.pipelines.pull.http.response_checks import success_check
from citylake.pipelines.pull.redact import redact_url
from citylake.schemas.model.formats import JsonFormat


def http_fetches(source: HttpSource, pulling: PullContext) -> Iterator[Fetch]:
    """One fetch, named by the last part of the URL's path."""
    name, ask = url_basename(source.url), HttpRequest(source.url, source.params)

    def parts(tally: FetchProgress) -> Iterator[LandedPart]:
        with open_http_client(source) as asker:
            yield from (
                _fetch_enveloped(asker, ask, name)
                if source.envelope
                else fetch_document(asker, ask, name, pulling, tally)
            )

    yield Fetch(redact_url(source.url), name, parts, asks=(str(ask),))


def _fetch_enveloped(asker: HttpClient, ask: HttpRequest, name: str) -> Iterator[LandedPart]:
    """A document with an envelope, which is checked before the document is landed."""
    form = asker.source.format
    assert isinstance(form, JsonFormat)
    yield asker.page(ask, success_check(asker, 1), form.encoding).part(name)
