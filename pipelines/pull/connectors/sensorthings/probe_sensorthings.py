"""Recognize a SensorThings service by its address and its answer."""

from __future__ import annotations

import re

from citylake.pipelines.pull.connector_api import SourceGuess
from citylake.pipelines.pull.http.json_document import as_object_list
from citylake.pipelines.pull.http.response_head import ProbeClient

_DATASTREAMS = 100
_PATTERN = re.compile(r"(?P<root>^.*?/v1\.[01])(?=/|$)")


def probe_sensorthings(probe: ProbeClient) -> SourceGuess | None:
    """The source at an address that looks like one of this service, if it also answers like one."""
    match = _PATTERN.search(probe.url)
    return _recognize_answer(probe, match) if match else None


def _recognize_answer(probe: ProbeClient, match: re.Match[str]) -> SourceGuess | None:
    answer = probe.look(f"{match['root']}/Datastreams", {"$top": _DATASTREAMS})
    document = answer.document
    if not isinstance(document, dict) or not isinstance(document.get("value"), list):
        return None
    named = [each.get("@iot.id") for each in as_object_list(document["value"]) or ()]
    ids = [each for each in named if isinstance(each, int | str)]
    return SourceGuess(
        "sensorthings", {"connector": "sensorthings", "url": match["root"], "datastreams": ids}, "sensorthings"
    )
