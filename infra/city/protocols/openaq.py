"""A small OpenAQ v3 below ``/openaq/v3``: the city's stations as locations, a sensor for each pollutant.

Every request needs a key. ``found`` is the number of all rows for ``locations`` and ``latest``; for series it is the
page's, or ``>limit`` if the page is full. Every other station has CO in ppm.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from citylake.infra.city.protocols.openaq_network import OpenaqRow, SensorNetwork
from citylake.infra.city.serve.city_data import CityData
from citylake.infra.city.serve.fault_injection import is_fault_wanted

_MOST = 1000
_A_MINUTE = 6000

OpenaqHandler = Callable[[Request], Response]


def openaq_routes(held: CityData) -> list[Route]:
    """The service's addresses."""
    service = _OpenaqService(SensorNetwork(held), held)
    base = "/openaq/v3"
    found = {
        "/locations": service.locations,
        "/locations/{location:int}/sensors": service.sensors,
        "/locations/{location:int}/latest": service.latest,
        "/parameters/{parameter:int}/latest": service.latest,
        "/sensors/{sensor:int}/measurements": service.series,
        "/sensors/{sensor:int}/hours": service.series,
    }
    return [Route(base + path, service.guarded(answer)) for path, answer in found.items()]


class _OpenaqService:
    def __init__(self, network: SensorNetwork, held: CityData) -> None:
        self.network = network
        self.held = held

    def guarded(self, answer: OpenaqHandler) -> OpenaqHandler:
        """``answer`` for requests with a key, with the headers of the remaining rate limit."""

        def guard(request: Request) -> Response:
            response = answer(request) if request.headers.get("x-api-key") else _refuse(401, "Invalid credentials")
            with self.held.lock:
                used = self.held.memory["openaq"] = self.held.memory.get("openaq", 0) + 1
            told = {"limit": _A_MINUTE, "used": used, "remaining": max(1, _A_MINUTE - used), "reset": 60}
            response.headers.update({f"x-ratelimit-{name}": str(value) for name, value in told.items()})
            return response

        return guard

    def locations(self, request: Request) -> Response:
        """Every location."""
        return _page(request, self.network.locations, counted=True)

    def sensors(self, request: Request) -> Response:
        """A location's sensors: never paged."""
        found = self.network.sensors(request.path_params["location"])
        return _meta(request, found, len(found)) if found else _refuse(404, "Location not found")

    def latest(self, request: Request) -> Response:
        """The last value of every sensor of a location, or of a parameter."""
        return _page(request, self.network.latest(**request.path_params), counted=True)

    def series(self, request: Request) -> Response:
        """A sensor's hours: those that end after ``datetime_from``, and not after ``datetime_to``."""
        asked = request.query_params
        rows = self.network.series(request.path_params["sensor"], asked.get("datetime_from"), asked.get("datetime_to"))
        return _refuse(404, "Sensor not found") if rows is None else _page(request, rows, counted=False)


def _page(request: Request, rows: Sequence[OpenaqRow], *, counted: bool) -> Response:
    size, page = (int(request.query_params.get(name, usual)) for name, usual in (("limit", 100), ("page", 1)))
    if not 1 <= size <= _MOST or page < 1:
        return _invalid("limit" if page >= 1 else "page")
    if is_fault_wanted(request, "shift"):
        rows = rows[1:]
    at = size * (page - 1 - (is_fault_wanted(request, "repeated_page") and page > 1))
    found = list(rows[at : at + (size // 2 if is_fault_wanted(request, "short_page") else size)])
    if is_fault_wanted(request, "past_end") and not found:
        found = list(rows[-size:])
    if is_fault_wanted(request, "renamed_column") and page > 1:
        found = [{("reading" if name == "value" else name): value for name, value in row.items()} for row in found]
    told: int | str = len(rows) if counted else f">{size}" if len(found) == size else len(found)
    return _meta(request, found, told if found else 0)


def _meta(request: Request, rows: Sequence[OpenaqRow], found: int | str) -> Response:
    if is_fault_wanted(request, "error_200"):
        return JSONResponse({"detail": "Internal Server Error"})
    asked = request.query_params
    meta: dict[str, Any] = {"name": "openaq-api", "website": "/", "page": int(asked.get("page", 1))}
    meta |= {
        "limit": int(asked.get("limit", 100)),
        "found": str(found) if is_fault_wanted(request, "text_counts") else found,
    }
    return JSONResponse({"meta": meta, "results": list(rows)})


def _refuse(status: int, detail: str) -> Response:
    return JSONResponse({"detail": detail}, status)


def _invalid(name: str) -> Response:
    """The error for an invalid parameter: JSON within a JSON text."""
    fault = {"type": "value_error", "loc": ["query", name], "msg": f"Input should be from 1 to {_MOST}"}
    return JSONResponse(json.dumps([fault]), 422)
