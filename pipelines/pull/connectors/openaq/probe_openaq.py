"""Recognize OpenAQ by its address and its answer."""

from __future__ import annotations

import re
from typing import Any

from citylake.pipelines.pull.connector_api import SourceGuess
from citylake.pipelines.pull.http.response_head import ProbeClient

_PATTERN = re.compile(
    r"(?P<root>^.*?/v3)/(?P<kind>locations|sensors|parameters)(?:/(?P<number>\d+)(?:/(?P<of>[a-z/]+))?)?"
)


def probe_openaq(probe: ProbeClient) -> SourceGuess | None:
    """The source at an address that looks like one of this service, if it also answers like one."""
    match = _PATTERN.search(probe.url)
    return _recognize_answer(probe, match) if match else None


def _recognize_answer(probe: ProbeClient, match: re.Match[str]) -> SourceGuess | None:
    answer = probe.look()
    known = isinstance(answer.document, dict) and {"meta", "results"} <= answer.document.keys()
    source: dict[str, Any] = {"connector": "openaq", "url": match["root"]}
    kind, number = match["kind"], match["number"]
    source["resource"] = match["of"] or (kind if number is None else "latest" if kind == "parameters" else "hours")
    if number is not None:
        source[kind] = [int(number)]
    return SourceGuess("openaq", source, "openaq") if known or answer.status in (401, 429) else None
