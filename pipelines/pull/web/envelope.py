"""Whether a 200 is a success, by the contract's envelope."""

from __future__ import annotations

from pipelines.pull.web.ask import Page
from pipelines.pull.web.asker import Asker, Check
from pipelines.pull.web.document import refusal
from pipelines.pull.web.waiting import PassingError


def succeeded(asker: Asker, number: int) -> Check:
    """A check of page ``number`` that raises HTTP_FAILED_INSIDE where the envelope tells of a failure: it may heal."""

    def check(page: Page) -> None:
        message = refusal(page.document, asker.source.envelope)
        if message is not None:
            said = asker.redact(message)[:200]
            raise PassingError("HTTP_FAILED_INSIDE", source=asker.shown, page=number, message=said)

    return check
