"""Recognize a CKAN portal by its address and its answer."""

from __future__ import annotations

import re
from typing import Any

from citylake.pipelines.pull.connector_api import SourceGuess
from citylake.pipelines.pull.http.json_document import as_object_list
from citylake.pipelines.pull.http.response_head import ProbeClient

_PATTERNS = (
    re.compile(r"(?P<root>^.*?)/dataset/(?P<package>[^/?#]+)(?:/resource/(?P<resource>[0-9a-f-]{36}))?"),
    re.compile(r"(?P<root>^.*?)/api/3/action/package_show\?id=(?P<package>[^&#]+)"),
    re.compile(r"(?P<root>^.*?)/api/3/action/datastore_search\?(?:.*&)?resource_id=(?P<resource>[^&#]+)"),
)


def probe_ckan(probe: ProbeClient) -> SourceGuess | None:
    """The source at an address that looks like one of this service, if it also answers like one."""
    found = (_recognize_answer(probe, match) for each in _PATTERNS if (match := each.search(probe.url)))
    return next((guess for guess in found if guess), None)


def _recognize_answer(probe: ProbeClient, match: re.Match[str]) -> SourceGuess | None:
    root = match["root"]
    package, resource = match.groupdict().get("package"), match.groupdict().get("resource")
    answer = probe.look(f"{root}/api/3/action/package_show", {"id": package}) if package else probe.look()
    document = answer.document
    if not isinstance(document, dict) or "success" not in document or "result" not in document:
        return None
    resource = resource or _tabular_resource(document["result"])
    return SourceGuess("ckan", {"connector": "ckan", "url": root, "resource": resource}, "ckan") if resource else None


def _tabular_resource(result: Any) -> str | None:
    """The first resource that the datastore has, else the first."""
    if not isinstance(result, dict):
        return None
    found = [each for each in as_object_list(result.get("resources")) or () if isinstance(each.get("id"), str)]
    chosen = next((each for each in found if each.get("datastore_active")), found[0] if found else {})
    return chosen.get("id") or (str(result["resource_id"]) if result.get("resource_id") else None)
