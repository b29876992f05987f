"""onboard: recognize the kind of source at an address."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from citylake.pipelines.onboard.detect_content import detect_content
from citylake.pipelines.onboard.recognize_file import is_local_file, recognize_file
from citylake.pipelines.pull.connector_api import SourceGuess, load_connector
from citylake.pipelines.pull.credentials import load_credentials
from citylake.pipelines.pull.http.http_errors import summarize_error_body
from citylake.pipelines.pull.http.response_head import ProbeClient
from citylake.pipelines.pull.redact import redact_url
from citylake.schemas.model.extension_registry import extension_names
from citylake.schemas.words.errors import CitylakeError

log = logging.getLogger(__name__)


def recognize_source(url: str, connection: str | None = None) -> SourceGuess:
    """The kind of source at ``url``, or of the file at that path.

    Raises CitylakeError if there is no response, an error, or neither a valid URL nor a file.
    """
    if is_local_file(url):
        return recognize_file(Path(url))
    if not re.match(r"https?://[^/?#]", url, re.I):
        raise CitylakeError("ONBOARD_NO_SOURCE", url=redact_url(url))
    looker = ProbeClient(url, load_credentials(connection))
    guess = next(_recognize_service(looker), None)
    if guess is None:
        found = looker.look()
        if found.status >= 400:
            message = summarize_error_body(found.body, looker.access)
            raise CitylakeError("HTTP_REFUSED", source=redact_url(url), status=found.status, message=message)
        guess = detect_content(found)
    if connection and guess.source:
        return replace(guess, source={**guess.source, "connection": connection})
    return guess


def _recognize_service(probe: ProbeClient) -> Iterator[SourceGuess]:
    for name in extension_names("citylake.connectors"):
        try:
            guess = load_connector(name).looks_like(probe)
        except CitylakeError as error:
            if error.code not in ("EXTENSION_BROKEN", "EXTENSION_TWICE"):
                raise
            log.warning("%s", error)
            continue
        if guess:
            yield guess
