"""What onboard says of OpenAQ and of context brokers is a source that can be declared."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import TypeAdapter

from citylake.pipelines.cli import main
from citylake.schemas.model.source import Source

SENSOR = {"resource": "hours", "sensors": [7]}
ASKED = [
    ("/v3/sensors/7/measurements?limit=5", {"resource": "measurements", "sensors": [7]}),
    ("/v3/sensors/7/hours/daily", {"resource": "hours/daily", "sensors": [7]}),
    ("/v3/sensors/7", SENSOR),
    ("/v3/locations/9", {"resource": "hours", "locations": [9]}),
    ("/v3/locations/9/latest", {"resource": "latest", "locations": [9]}),
    ("/v3/locations?iso=CN", {"resource": "locations"}),
    ("/v3/parameters/2/latest", {"resource": "latest", "parameters": [2]}),
]


def onboarded(capsys: pytest.CaptureFixture[str], url: str) -> dict[str, Any]:
    assert main(["onboard", url, "--json"]) == 0
    source: dict[str, Any] = json.loads(capsys.readouterr().out)["source"]
    TypeAdapter(Source).validate_python(source)
    return source


@pytest.mark.parametrize(("path", "source"), ASKED)
def test_addresses_of_openaq_name_the_resource_and_whose_it_is(
    city: Any, reply: Any, capsys: pytest.CaptureFixture[str], path: str, source: dict[str, Any]
) -> None:
    city.answer = lambda asked: reply({"meta": {"found": 1}, "results": [{"value": 1}]})
    told = onboarded(capsys, f"{city.url}{path}")
    assert told == {"connector": "openaq", "url": f"{city.url}/v3", **source}


def test_a_brokers_address_names_the_broker_and_the_type(standin: str, capsys: pytest.CaptureFixture[str]) -> None:
    told = onboarded(capsys, f"{standin}/ngsi-ld/v1/entities?type=AirQualityObserved")
    assert told == {"connector": "ngsi_ld", "url": standin, "type": "AirQualityObserved"}
