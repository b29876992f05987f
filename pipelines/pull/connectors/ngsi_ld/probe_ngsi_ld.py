"""Recognize an NGSI-LD broker by its address and its answer."""

from __future__ import annotations

import re

from citylake.pipelines.pull.connector_api import SourceGuess
from citylake.pipelines.pull.http.response_head import ProbeClient

_PATTERN = re.compile(r"(?P<root>^.*?)/ngsi-ld/v1/entities")


def probe_ngsi_ld(probe: ProbeClient) -> SourceGuess | None:
    """The source at an address that looks like one of this service, if it also answers like one."""
    match = _PATTERN.search(probe.url)
    return _recognize_answer(probe, match) if match else None


def _recognize_answer(probe: ProbeClient, match: re.Match[str]) -> SourceGuess | None:
    answer = probe.look()
    document = answer.document
    first = document[0] if isinstance(document, list) and document else {}
    if not isinstance(first, dict) or not {"id", "type"} <= first.keys():
        return None
    # An entity may have several types.
    kinds = first["type"] if isinstance(first["type"], list) else [first["type"]]
    kind = next((each for each in kinds if isinstance(each, str)), None)
    return (
        SourceGuess("ngsi_ld", {"connector": "ngsi_ld", "url": match["root"], "type": kind}, "ngsi_ld")
        if kind
        else None
    )
