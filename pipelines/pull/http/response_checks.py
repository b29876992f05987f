"""Checks of a response with status 200: the contract's envelope, and whether it has records."""

from __future__ import annotations

from citylake.pipelines.pull.http.http_client import HttpClient, PageCheck
from citylake.pipelines.pull.http.http_request import JsonPage
from citylake.pipelines.pull.http.json_document import check_envelopes, get_member, has_member
from citylake.pipelines.pull.http.rate_limit import TransientError
from citylake.schemas.words.errors import CitylakeError


def success_check(asker: HttpClient, number: int) -> PageCheck:
    """A check of page ``number``: raises HTTP_FAILED_INSIDE, which is transient, if the envelope reports a failure."""

    def check(page: JsonPage) -> None:
        refused = check_envelopes(page.document, asker.source.envelope)
        if refused is not None:
            kind, said = TransientError if refused.heals else CitylakeError, asker.redact(refused.message)[:200]
            raise kind("HTTP_FAILED_INSIDE", source=asker.shown, page=number, message=said)

    return check


def records_check(asker: HttpClient, number: int, path: str | None) -> PageCheck:
    """A check that page ``number`` is a success with a list at ``path``, also an empty one; raises PAGE_NO_RECORDS."""
    succeeds = success_check(asker, number)

    def check(page: JsonPage) -> None:
        succeeds(page)
        found = get_member(page.document, path)
        if isinstance(found, str | int | float | bool) or not has_member(page.document, path):
            start = asker.redact(str(page.document))[:120]
            raise TransientError("PAGE_NO_RECORDS", source=asker.shown, page=number, path=path or "—", start=start)

    return check
