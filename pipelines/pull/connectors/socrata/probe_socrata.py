"""Recognize a Socrata portal by its address and its answer."""

from __future__ import annotations

import re

from citylake.pipelines.pull.connector_api import SourceGuess
from citylake.pipelines.pull.http.response_head import ProbeClient

_PATTERNS = (
    re.compile(r"(?P<root>^.*?)/(?:resource|d|api/views)/(?P<id>\w{4}-\w{4})(?=[./?#]|$)"),
    re.compile(r"(?P<root>^https?://[^/]+)/[^/]+/[^/]+/(?P<id>\w{4}-\w{4})(?=[/?#]|$)"),
)


def probe_socrata(probe: ProbeClient) -> SourceGuess | None:
    """The source at an address that looks like one of this service, if it also answers like one."""
    found = (_recognize_answer(probe, match) for each in _PATTERNS if (match := each.search(probe.url)))
    return next((guess for guess in found if guess), None)


def _recognize_answer(probe: ProbeClient, match: re.Match[str]) -> SourceGuess | None:
    root, dataset = match["root"], match["id"]
    answer = probe.look(f"{root}/resource/{dataset}.json", {"$limit": 1})
    if "x-soda2-types" not in answer.headers:
        return None
    return SourceGuess("socrata", {"connector": "socrata", "url": root, "dataset": dataset}, "socrata")
