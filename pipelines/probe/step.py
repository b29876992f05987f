"""probe: ask an address, and say what it looks like."""

from __future__ import annotations

import re

from pipelines.probe.beginning import Looker
from pipelines.probe.contents import contents
from pipelines.probe.guess import Guess
from pipelines.probe.services import service
from pipelines.pull.credentials import credentials
from pipelines.pull.redact import shown_url
from pipelines.pull.web.refusals import told
from schemas.faults import CitylakeError


def probe(url: str, connection: str | None = None) -> Guess:
    """What kind of source is at ``url``; raises CitylakeError where nothing answers, it refuses, or is no address."""
    if not re.match(r"https?://[^/?#]", url, re.I):
        raise CitylakeError("PROBE_NO_ADDRESS", url=shown_url(url))
    looker = Looker(url, credentials(connection))
    guess = service(looker)
    if guess is None:
        found = looker.look()
        if found.status >= 400:
            message = told(found.body, looker.access)
            raise CitylakeError("HTTP_REFUSED", source=shown_url(url), status=found.status, message=message)
        guess = contents(found)
    if connection and guess.source:
        return Guess(guess.kind, {**guess.source, "connection": connection}, guess.why)
    return guess
