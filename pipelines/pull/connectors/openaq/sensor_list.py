"""The sensors of a location: one answer, whose ``found`` counts it, for the service does not page it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from citylake.pipelines.pull.connector_api import FetchProgress, LandedPart
from citylake.pipelines.pull.connectors.openaq.openaq_pages import page_results
from citylake.pipelines.pull.connectors.openaq.openaq_source import OpenaqSource
from citylake.pipelines.pull.http.http_client import HttpClient, open_http_client
from citylake.pipelines.pull.http.http_request import HttpRequest, JsonPage
from citylake.pipelines.pull.http.json_document import get_member, parse_count
from citylake.schemas.words.errors import CitylakeError


def sensors_request(source: OpenaqSource, location: int) -> HttpRequest:
    """Which sensors ``location`` has."""
    return HttpRequest(f"{source.url.rstrip('/')}/locations/{location}/sensors")


def list_sensors(source: OpenaqSource, location: int) -> Sequence[int]:
    """Ids of the sensors of ``location`` that the contract wants.

    Raises COUNT_DIFFERS where not all came, HTTP_FAILED_INSIDE where one has no id, OPENAQ_NO_SENSOR where none is
    wanted.
    """
    with open_http_client(source) as asker:
        page, found = _request_sensors(asker, sensors_request(source, location))
    declared = parse_count(get_member(page.document, "meta.found"))
    if declared is not None and declared != len(found):
        raise CitylakeError("COUNT_DIFFERS", source=asker.shown, declared=declared, stored=len(found))
    unnamed = next((each for each in found if not isinstance(each.get("id"), int)), None)
    if unnamed is not None:
        said = asker.redact(f"id = {unnamed.get('id')!r}")[:200]
        raise CitylakeError("HTTP_FAILED_INSIDE", source=asker.shown, page=1, message=said)
    wanted = [each["id"] for each in found if not source.parameters or _sensor_parameter(each) in source.parameters]
    if not wanted:
        told = ", ".join(f"{_sensor_parameter(each)} ({each.get('name')})" for each in found)
        raise CitylakeError("OPENAQ_NO_SENSOR", source=asker.shown, location=location, present=told or "—")
    return wanted


def fetch_sensor_list(asker: HttpClient, ask: HttpRequest, tally: FetchProgress) -> Iterator[LandedPart]:
    """The list as a part to land."""
    page, found = _request_sensors(asker, ask)
    tally.declared, tally.stored = parse_count(get_member(page.document, "meta.found")), len(found)
    tally.proof = "snapshot" if tally.declared is None else "count"
    yield page.part("00001.json")


def _request_sensors(asker: HttpClient, ask: HttpRequest) -> tuple[JsonPage, Sequence[Any]]:
    def check(page: JsonPage) -> None:
        page_results(asker, page, 1)

    page = asker.page(ask, check)
    return page, page_results(asker, page, 1)


def _sensor_parameter(sensor: Any) -> Any:
    return get_member(sensor, "parameter.id")
