"""The platforms below ``/devices``: a SensorThings service and a context broker, of the parts that are asked for."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from citylake.infra.city.domains.devices.noise_observations import METERS, OBSERVATIONS_FILE
from citylake.infra.city.domains.devices.water_entities import ENTITIES_FILE, ENTITY_TYPE
from citylake.infra.city.serve.city_data import CityData

_ROOT = "/devices/sta/v1.1"


def platform_routes(held: CityData) -> list[Route]:
    """The addresses of both platforms."""

    def observations(request: Request) -> JSONResponse:
        """A page of the Observations of one Datastream that meet ``phenomenonTime gt`` and ``le``."""
        asked, number = request.query_params, request.path_params["id"]
        bounds = dict(re.findall(r"phenomenonTime (gt|le) (\S+)", asked.get("$filter", "")))
        after, until = bounds.get("gt", ""), bounds.get("le", "9999")
        rows = [
            row
            for row in held.records(OBSERVATIONS_FILE)
            if row["Datastream"]["name"] == METERS[number - 1] and after < row["phenomenonTime"] <= until
        ]
        rows.sort(key=lambda row: (row["phenomenonTime"], row["@iot.id"]))
        return _page(request, rows)

    def entities(request: Request) -> JSONResponse:
        """Some entities of the type, and their number in a header."""
        asked = request.query_params
        first, size = int(asked.get("offset", 0)), int(asked.get("limit", 20))
        rows = held.records(ENTITIES_FILE) if asked.get("type") == ENTITY_TYPE else []
        headers = {"NGSILD-Results-Count": str(len(rows))}
        return JSONResponse(rows[first : first + size], headers=headers)

    return [
        Route(f"{_ROOT}/Datastreams({{id:int}})/Observations", observations),
        Route("/devices/ngsi-ld/v1/entities", entities),
    ]


def _page(request: Request, rows: list[dict[str, Any]]) -> JSONResponse:
    asked = request.query_params
    top, skip = int(asked.get("$top", 100)), int(asked.get("$skip", 0))
    told: dict[str, Any] = {"@iot.count": len(rows), "value": rows[skip : skip + top]}
    if skip + top < len(rows):
        root = f"{str(request.base_url).rstrip('/')}{_ROOT}/Datastreams({request.path_params['id']})/Observations"
        told["@iot.nextLink"] = f"{root}?{urlencode({**asked, '$skip': skip + top})}"
    return JSONResponse(told)
