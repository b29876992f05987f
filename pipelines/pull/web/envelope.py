"""Whether a 200 is a success, by the contract's envelope, and holds records at all."""

from __future__ import annotations

from pipelines.pull.web.ask import Page
from pipelines.pull.web.asker import Asker, Check
from pipelines.pull.web.document import dig, is_there, refusal
from pipelines.pull.web.waiting import PassingError
from schemas.faults import CitylakeError


def succeeded(asker: Asker, number: int) -> Check:
    """A check of page ``number`` that raises HTTP_FAILED_INSIDE where the envelope tells of a failure: it may heal."""

    def check(page: Page) -> None:
        refused = refusal(page.document, asker.source.envelope)
        if refused is not None:
            kind, said = PassingError if refused.heals else CitylakeError, asker.redact(refused.message)[:200]
            raise kind("HTTP_FAILED_INSIDE", source=asker.shown, page=number, message=said)

    return check


def holds_records(asker: Asker, number: int, path: str | None) -> Check:
    """A check that page ``number`` is a success and has records at ``path``, be it none; raises PAGE_NO_RECORDS."""
    succeeds = succeeded(asker, number)

    def check(page: Page) -> None:
        succeeds(page)
        found = dig(page.document, path)
        if isinstance(found, str | int | float | bool) or not is_there(page.document, path):
            start = asker.redact(str(page.document))[:120]
            raise PassingError("PAGE_NO_RECORDS", source=asker.shown, page=number, path=path or "—", start=start)

    return check
