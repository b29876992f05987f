"""A list that holds no records, or a place without a list, is never the end of the data: it is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.pipelines.pull.connectors.rotation import rotated

NONE = [[None], ["x"], [[1]], [{"a": 1}, None], {"a": 1}, "a,b", 5, None]
LAYER = {"objectIdField": "OID", "fields": "x"}


def ckan(asked: Any, records: Any) -> Any:
    if asked.params.get("limit") == "0":
        return {"success": True, "result": {"total": 9, "total_was_estimated": True, "records": []}}
    first = [{"_id": 1}, {"_id": 2}]
    return {"success": True, "result": {"records": records if "offset" in asked.params else first}}


def socrata(asked: Any, records: Any) -> Any:
    return [{"n": "9"}] if "count" in asked.params["$select"] else records


def arcgis(asked: Any, records: Any, *, paged: bool) -> Any:
    if asked.path.endswith("/0"):
        return {**LAYER, "supportsPagination": paged}
    answers = {"returnCountOnly": {"count": 9}, "returnIdsOnly": {"objectIds": [1, 2]}}
    return next((told for name, told in answers.items() if name in asked.params), {"features": records})


SERVICES: dict[str, tuple[dict[str, Any], Callable[[Any, Any], Any]]] = {
    "ckan": ({"resource": "r", "mode": "datastore"}, ckan),
    "socrata": ({"dataset": "abcd-1234"}, socrata),
    "arcgis": ({"layer": 0}, lambda asked, records: arcgis(asked, records, paged=True)),
    "arcgis by ids": ({"layer": 0}, lambda asked, records: arcgis(asked, records, paged=False)),
    "sensorthings": ({"datastreams": [1]}, lambda asked, records: {"value": records}),
    "sensorthings by filter": ({"filter": "true"}, lambda asked, records: {"value": records}),
    "openaq": ({"resource": "hours", "sensors": [1]}, lambda asked, records: {"meta": {}, "results": records}),
    "openaq by location": (
        {"resource": "hours", "locations": [1]},
        lambda asked, records: {"meta": {}, "results": records},
    ),
    "ngsi_ld": ({"type": "T"}, lambda asked, records: records),
}


@pytest.mark.parametrize(("records", "service"), rotated(NONE, SERVICES, 3), ids=repr)
def test_what_is_no_list_of_records_is_told(puller: Any, city: Any, reply: Any, service: str, records: Any) -> None:
    settings, answer = SERVICES[service]
    city.answer = lambda asked: reply(answer(asked, records))
    receipt = puller.one(service.split()[0], url=f"{city.url}/FeatureServer", attempts=2, **settings)
    assert receipt.status == ("incomplete" if service == "ckan" else "failed")
    assert receipt.problem.code in ("HTTP_FAILED_INSIDE", "ARCGIS_FAILED")


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"connector": "sensorthings", "filter": "true"}, "value"),
        ({"connector": "openaq", "locations": [1]}, "results"),
    ],
)
def test_what_is_listed_without_an_id_is_told(
    puller: Any, city: Any, reply: Any, settings: dict[str, Any], named: str
) -> None:
    city.answer = lambda asked: reply({named: [{"name": "x"}]})
    resource = {"resource": "hours"} if settings["connector"] == "openaq" else {}
    receipt = puller.one(url=city.url, attempts=2, **settings, **resource)
    assert (receipt.status, receipt.problem.code) == ("failed", "HTTP_FAILED_INSIDE")


@pytest.mark.parametrize("ids", [["x"], "x", [None], [1.5], {"a": 1}], ids=repr)
def test_object_ids_that_are_none_are_told(puller: Any, city: Any, reply: Any, ids: Any) -> None:
    answers: dict[str, Any] = {"returnCountOnly": {"count": 1}, "returnIdsOnly": {"objectIds": ids}}
    layer = {"objectIdField": "OID", "supportsPagination": False}
    city.answer = lambda asked: reply(next((told for name, told in answers.items() if name in asked.params), layer))
    receipt = puller.one("arcgis", url=f"{city.url}/FeatureServer", attempts=2)
    assert (receipt.status, receipt.problem.code) == ("failed", "ARCGIS_FAILED")


def test_keys_with_half_a_character_are_keys(puller: Any, city: Any, reply: Any) -> None:
    entities = [{"id": "cut \ud83d"}, {"id": "cut \ud83e"}]
    city.answer = lambda asked: reply(entities, headers={"NGSILD-Results-Count": "2"})
    receipt = puller.one("ngsi_ld", url=city.url, type="T")
    assert (receipt.status, receipt.stored_count) == ("received", 2)
