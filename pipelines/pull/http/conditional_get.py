"""Conditional GET: a document that has not changed is not sent again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from citylake.pipelines.pull.connector_api import FetchProgress, LandedPart, PullContext, PullState
from citylake.pipelines.pull.html_page import html_title
from citylake.pipelines.pull.http.http_client import HttpClient
from citylake.pipelines.pull.http.http_request import HttpRequest, HttpResponse
from citylake.pipelines.pull.http.rate_limit import TransientError
from citylake.pipelines.pull.redact import redact_url
from citylake.schemas.words.errors import CitylakeError, Problem

_HEAD = 1 << 16


def add_cache_validators(ask: HttpRequest, state: PullState) -> HttpRequest:
    """``ask`` with ``If-None-Match`` and ``If-Modified-Since`` (RFC 9110, 13.1)."""
    conditions = {"If-None-Match": state.get("etag"), "If-Modified-Since": state.get("last_modified")}
    return replace(ask, headers={**ask.headers, **{name: value for name, value in conditions.items() if value}})


def read_cache_validators(answer: HttpResponse) -> PullState:
    """The validators of the response: ETag and Last-Modified."""
    found = {"etag": answer.headers.get("etag"), "last_modified": answer.headers.get("last-modified")}
    return {name: value for name, value in found.items() if value}


def committed_document_state(pulling: PullContext, name: str) -> PullState:
    """The state of the document ``name``; empty unless its bytes are committed."""
    return pulling.state(name) if pulling.committed(name) else {}


def retry_unless_valid(asker: HttpClient, look: Callable[[Path], object]) -> Callable[[HttpResponse], None]:
    """A check of a response's body: if ``look`` raises, the document is requested again.

    What the fault quotes of the body is redacted, because error pages may repeat credentials.
    """

    def check(answer: HttpResponse) -> None:
        try:
            look(answer.path)
        except CitylakeError as error:
            told = {
                name: asker.redact(value) if isinstance(value, str) else value for name, value in error.values.items()
            }
            raise TransientError(error.code, **told) from None

    return check


def fetch_document(
    asker: HttpClient, ask: HttpRequest, name: str, pulling: PullContext, tally: FetchProgress
) -> Iterator[LandedPart]:
    """The document as one part; raises NotModifiedError if it is committed already, FILE_IS_HTML for a web page."""
    check = retry_unless_valid(asker, partial(_require_no_html, shown=redact_url(ask.url)))
    answer = asker.file(add_cache_validators(ask, committed_document_state(pulling, name)), check)
    yield answer.part(name)
    tally.state = read_cache_validators(answer) or None


def _require_no_html(path: Path, shown: str) -> None:
    with path.open("rb") as file:
        title = html_title(file.read(_HEAD))
    if title:
        raise CitylakeError("FILE_IS_HTML", file=shown, row=1, title=title)


def note_repeated_stamp(tally: FetchProgress, before: PullState, stamp: str, shown: str) -> None:
    """Report a new document that has the same ``stamp`` as the committed one."""
    if before.get("stamp") == stamp:
        tally.notices.append(Problem("STAMP_REPEATED", {"source": shown, "stamp": stamp}))
