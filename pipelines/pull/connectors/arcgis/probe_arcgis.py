"""Recognize an ArcGIS service by its address and its answer."""

from __future__ import annotations

import re

from citylake.pipelines.pull.connector_api import SourceGuess
from citylake.pipelines.pull.http.json_document import as_object_list
from citylake.pipelines.pull.http.response_head import ProbeClient

_PATTERN = re.compile(r"(?P<service>^.*?/(?:FeatureServer|MapServer))(?:/(?P<layer>\d+))?")


def probe_arcgis(probe: ProbeClient) -> SourceGuess | None:
    """The source at an address that looks like one of this service, if it also answers like one."""
    match = _PATTERN.search(probe.url)
    return _recognize_answer(probe, match) if match else None


def _recognize_answer(probe: ProbeClient, match: re.Match[str]) -> SourceGuess | None:
    service, layer = match["service"], match["layer"]
    document = probe.look(service if layer is None else f"{service}/{layer}", {"f": "json"}).document
    if not isinstance(document, dict) or not document.keys() & {"layers", "objectIdField", "fields"}:
        return None
    layers = [each.get("id") for each in as_object_list(document.get("layers")) or ()]
    number = int(layer) if layer is not None else next((each for each in layers if isinstance(each, int)), 0)
    return SourceGuess("arcgis", {"connector": "arcgis", "url": service, "layer": number}, "arcgis")
