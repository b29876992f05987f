"""A context broker: ``/ngsi-ld/v1/entities``, and ``/v2/entities`` for NGSIv2.

It has ``AirQualityObserved``, one entity per row of the air table, with ``dateObserved`` as an interval and CO now in
µg/m³ (``GQ``), now in mg/m³ (``GP``). At most 500 entities a page; more are refused. Its tenant is ``lanhai``.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from citylake.infra.city.protocols.ngsi_entities import AIR_ENTITY_TYPE, NgsiEntity, air_entities, simplify_entity
from citylake.infra.city.protocols.ngsi_query import BadQueryError, parse_ngsi_query
from citylake.infra.city.serve.city_data import CityData
from citylake.infra.city.serve.fault_injection import is_fault_wanted

_MOST = 500
_TENANT = "lanhai"
_ERRORS = "https://uri.etsi.org/ngsi-ld/errors/"


def ngsi_ld_routes(held: CityData) -> list[Route]:
    """The service's addresses."""
    service = _Broker(held)
    return [Route("/ngsi-ld/v1/entities", service.entities), Route("/v2/entities", service.entities)]


class _Broker:
    def __init__(self, held: CityData) -> None:
        self.held = held

    def entities(self, request: Request) -> Response:
        """Some entities of a type, in order of creation; their number in a header if requested."""
        asked = request.query_params
        tenant = request.headers.get("ngsild-tenant") or request.headers.get("fiware-service") or _TENANT
        if tenant != _TENANT:
            return _refuse(request, 404, "NonExistingTenant", "The tenant does not exist", tenant)
        size, offset = int(asked.get("limit", 20)), int(asked.get("offset", 0))
        if size > _MOST:
            return _refuse(request, 403, "TooManyResults", "Too many results", f"limit is at most {_MOST}")
        try:
            holds = parse_ngsi_query(asked.get("q"))
        except BadQueryError as error:
            return _refuse(request, 400, "BadRequestData", "Bad query", str(error))
        if is_fault_wanted(request, "error_200"):
            return JSONResponse(_error("InternalError", "Internal Error", "database is down"))
        known = air_entities(self.held) if asked.get("type") == AIR_ENTITY_TYPE else []
        found = [entity for entity in known if holds(entity)]
        return _page(request, found[1:] if is_fault_wanted(request, "shift") else found, size, offset)


def _page(request: Request, found: list[NgsiEntity], size: int, offset: int) -> Response:
    asked = request.query_params
    at = max(0, offset - size) if is_fault_wanted(request, "repeated_page") else offset
    rows = found[at : at + (max(1, size // 2) if is_fault_wanted(request, "short_page") else size)]
    if is_fault_wanted(request, "past_end") and not rows:
        rows = found[-size:]
    if is_fault_wanted(request, "renamed_column") and offset:
        rows = [{("particles" if name == "pm25" else name): value for name, value in row.items()} for row in rows]
    if "attrs" in asked:
        kept = {"id", "type", *asked["attrs"].split(",")}
        rows = [{name: value for name, value in row.items() if name in kept} for row in rows]
    options = asked.get("options", "").split(",")
    response = JSONResponse([simplify_entity(row) for row in rows] if "keyValues" in options else rows)
    if asked.get("count") == "true" or "count" in options:
        ld = "ngsi-ld" in request.url.path
        response.headers["NGSILD-Results-Count" if ld else "Fiware-Total-Count"] = str(len(found))
    return response


def _refuse(request: Request, status: int, kind: str, title: str, detail: str) -> Response:
    if "ngsi-ld" in request.url.path:
        told = {**_error(kind, title, detail), "status": status}
        return JSONResponse(told, status, media_type="application/problem+json")
    return JSONResponse({"error": kind, "description": detail}, status)


def _error(kind: str, title: str, detail: str) -> dict[str, Any]:
    return {"type": f"{_ERRORS}{kind}", "title": title, "detail": detail}
