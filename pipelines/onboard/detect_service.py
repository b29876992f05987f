"""Services that are known by how their addresses look, and proven by how they answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from citylake.pipelines.onboard.response_head import ProbeClient
from citylake.pipelines.onboard.source_guess import SourceGuess
from citylake.pipelines.pull.http.json_document import as_object_list

_DATASTREAMS = 100


@dataclass(frozen=True, slots=True)
class KnownService:
    """``pattern`` over the address; ``proven`` asks the service and says what it is, or None."""

    pattern: re.Pattern[str]
    proven: Callable[[ProbeClient, re.Match[str]], SourceGuess | None]


def detect_service(looker: ProbeClient) -> SourceGuess | None:
    """The service at an address that looks like one, where it answers like one."""
    return next(_match_service(looker), None)


def _match_service(looker: ProbeClient) -> Iterator[SourceGuess]:
    for each in _SERVICES:
        match = each.pattern.search(looker.url)
        guess = each.proven(looker, match) if match else None
        if guess:
            yield guess


def _probe_socrata(looker: ProbeClient, match: re.Match[str]) -> SourceGuess | None:
    root, dataset = match["root"], match["id"]
    answer = looker.look(f"{root}/resource/{dataset}.json", {"$limit": 1})
    if "x-soda2-types" not in answer.headers:
        return None
    return SourceGuess("socrata", {"connector": "socrata", "url": root, "dataset": dataset}, "socrata")


def _probe_arcgis(looker: ProbeClient, match: re.Match[str]) -> SourceGuess | None:
    service, layer = match["service"], match["layer"]
    document = looker.look(service if layer is None else f"{service}/{layer}", {"f": "json"}).document
    if not isinstance(document, dict) or not document.keys() & {"layers", "objectIdField", "fields"}:
        return None
    layers = [each.get("id") for each in as_object_list(document.get("layers")) or ()]
    number = int(layer) if layer is not None else next((each for each in layers if isinstance(each, int)), 0)
    return SourceGuess("arcgis", {"connector": "arcgis", "url": service, "layer": number}, "arcgis")


def _probe_ckan(looker: ProbeClient, match: re.Match[str]) -> SourceGuess | None:
    root = match["root"]
    package, resource = match.groupdict().get("package"), match.groupdict().get("resource")
    answer = looker.look(f"{root}/api/3/action/package_show", {"id": package}) if package else looker.look()
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


def _probe_sensorthings(looker: ProbeClient, match: re.Match[str]) -> SourceGuess | None:
    answer = looker.look(f"{match['root']}/Datastreams", {"$top": _DATASTREAMS})
    document = answer.document
    if not isinstance(document, dict) or not isinstance(document.get("value"), list):
        return None
    named = [each.get("@iot.id") for each in as_object_list(document["value"]) or ()]
    ids = [each for each in named if isinstance(each, int | str)]
    return SourceGuess(
        "sensorthings", {"connector": "sensorthings", "url": match["root"], "datastreams": ids}, "sensorthings"
    )


def _probe_ngsi_ld(looker: ProbeClient, match: re.Match[str]) -> SourceGuess | None:
    answer = looker.look()
    document = answer.document
    first = document[0] if isinstance(document, list) and document else {}
    if not isinstance(first, dict) or not {"id", "type"} <= first.keys():
        return None
    # An entity may be of several types.
    kinds = first["type"] if isinstance(first["type"], list) else [first["type"]]
    kind = next((each for each in kinds if isinstance(each, str)), None)
    return (
        SourceGuess("ngsi_ld", {"connector": "ngsi_ld", "url": match["root"], "type": kind}, "ngsi_ld")
        if kind
        else None
    )


def _probe_openaq(looker: ProbeClient, match: re.Match[str]) -> SourceGuess | None:
    answer = looker.look()
    known = isinstance(answer.document, dict) and {"meta", "results"} <= answer.document.keys()
    source: dict[str, Any] = {"connector": "openaq", "url": match["root"]}
    kind, number = match["kind"], match["number"]
    source["resource"] = match["of"] or (kind if number is None else "latest" if kind == "parameters" else "hours")
    if number is not None:
        source[kind] = [int(number)]
    return SourceGuess("openaq", source, "openaq") if known or answer.status in (401, 429) else None


_SERVICES = tuple(
    KnownService(re.compile(pattern), proven)
    for pattern, proven in (
        (r"(?P<root>^.*?)/(?:resource|d|api/views)/(?P<id>\w{4}-\w{4})(?=[./?#]|$)", _probe_socrata),
        (r"(?P<root>^https?://[^/]+)/[^/]+/[^/]+/(?P<id>\w{4}-\w{4})(?=[/?#]|$)", _probe_socrata),
        (r"(?P<service>^.*?/(?:FeatureServer|MapServer))(?:/(?P<layer>\d+))?", _probe_arcgis),
        (r"(?P<root>^.*?)/dataset/(?P<package>[^/?#]+)(?:/resource/(?P<resource>[0-9a-f-]{36}))?", _probe_ckan),
        (r"(?P<root>^.*?)/api/3/action/package_show\?id=(?P<package>[^&#]+)", _probe_ckan),
        (r"(?P<root>^.*?)/api/3/action/datastore_search\?(?:.*&)?resource_id=(?P<resource>[^&#]+)", _probe_ckan),
        (r"(?P<root>^.*?/v1\.[01])(?=/|$)", _probe_sensorthings),
        (r"(?P<root>^.*?)/ngsi-ld/v1/entities", _probe_ngsi_ld),
        (
            r"(?P<root>^.*?/v3)/(?P<kind>locations|sensors|parameters)(?:/(?P<number>\d+)(?:/(?P<of>[a-z/]+))?)?",
            _probe_openaq,
        ),
    )
)
