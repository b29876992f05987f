"""data.gov.sg's real-time services on the loopback, in the shapes that their publisher documents.

``/singapore/v2/real-time/api/{pm25,psi,rainfall,air-temperature}`` answers a ``date`` with that day's readings, newest
first, 25 a page with a ``paginationToken``, and without one with the latest. ``/singapore/v1/transport/…`` has no
envelope. There is data for every day.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from citylake.infra.city.protocols import singapore_data as data
from citylake.infra.city.serve.city_data import CityData
from citylake.infra.city.serve.fault_injection import is_fault_wanted

_PAGE = 25
_TODAY = date(2026, 11, 1)
_API = "/singapore/v2/real-time/api"
_TRANSPORT = "/singapore/v1/transport"

DayReadings = Callable[[date], list[dict[str, Any]]]


def singapore_routes(held: CityData) -> list[Route]:
    """The services' addresses."""
    regions, stations = {"regionMetadata": data.REGION_METADATA}, {"stations": data.RAIN_STATIONS}
    rain = {"readingType": "TB1 Rainfall 5 Minute Total F", "readingUnit": "mm"}
    warmth = {"readingType": "DBT 1M F", "readingUnit": "deg C"}
    return [
        Route(f"{_API}/pm25", _paged_route(data.pm25_readings, regions, "items")),
        Route(f"{_API}/psi", _paged_route(data.psi_readings, regions, "items")),
        Route(f"{_API}/rainfall", _paged_route(data.rainfall_readings, stations, "readings", **rain)),
        Route(f"{_API}/air-temperature", _paged_route(data.temperature_readings, stations, "readings", **warmth)),
        Route(f"{_TRANSPORT}/taxi-availability", lambda _: JSONResponse(data.taxi_positions(_TODAY))),
        Route(f"{_TRANSPORT}/carpark-availability", lambda _: JSONResponse(data.carpark_lots(_TODAY))),
    ]


def _paged_route(made: DayReadings, before: dict[str, Any], name: str, **after: str) -> Callable[[Request], Response]:
    def answered(request: Request) -> Response:
        if is_fault_wanted(request, "error_200"):
            return JSONResponse({"code": 1, "data": None, "errorMsg": "Service unavailable"})
        try:
            day, offset = _requested_page(request)
        except ValueError:
            return JSONResponse({"code": 4, "data": None, "errorMsg": "Invalid date or paginationToken"}, 400)
        newest = made(day or _TODAY)[::-1]
        shown = newest[offset : offset + _PAGE] if day else newest[:1]
        more = day is not None and offset + _PAGE < len(newest)
        token = {"paginationToken": b64encode(f"offset={offset + _PAGE}".encode()).decode()} if more else {}
        return JSONResponse({"code": 0, "data": {**before, name: shown, **after, **token}, "errorMsg": ""})

    return answered


def _requested_page(request: Request) -> tuple[date | None, int]:
    """The day, and the offset of its page."""
    day, token = request.query_params.get("date"), request.query_params.get("paginationToken")
    offset = int(b64decode(token).decode().removeprefix("offset=")) if token else 0
    return (date.fromisoformat(day) if day else None), offset
