"""A SensorThings service below ``/sta/v1.1``: a Datastream for PM2.5 and one for NO2 of every air station.

Its faults are typical of such services: results as text, intervals, null result times, two observations of one time.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from citylake.infra.city.generate import air
from citylake.infra.city.serve.city_data import CityData
from citylake.infra.city.serve.fault_injection import is_fault_wanted

_ROOT = "/sta/v1.1"
_INTERNAL = "http://frost.internal:8080/FROST-Server/v1.1"
_DEFAULT_TOP, _MOST = 100, 1000
_POLLUTANTS = ("PM2.5", "NO2")
_UNIT = {"name": "microgram per cubic metre", "symbol": "ug/m3", "definition": "ucum:ug/m3"}
_ZONE, _HOUR = timedelta(hours=8), timedelta(hours=1)

StaEntity = dict[str, Any]


def sensorthings_routes(held: CityData) -> list[Route]:
    """The service's addresses."""
    service = _StaService(held)
    return [
        Route(f"{_ROOT}/Datastreams", service.datastreams),
        Route(f"{_ROOT}/Datastreams({{id:int}})/Observations", service.observations),
    ]


class _StaService:
    def __init__(self, held: CityData) -> None:
        self.held = held

    @cached_property
    def observed(self) -> dict[str, list[StaEntity]]:
        """Observations by the Datastream's name, in the order of time."""
        with (self.held.folder / air.AIR_FILE).open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["站点名称"] and _start(row["时间"])]
        found: dict[str, list[StaEntity]] = {}
        for number, row in enumerate(rows):
            for place, pollutant in enumerate(_POLLUTANTS):
                station = row["站点名称"].replace("监测站", "站")
                entity = _observation(2 * number + place + 1, row["时间"], row[pollutant])
                found.setdefault(f"{pollutant} {station}", []).append(entity)
        return {name: sorted(each, key=_order) for name, each in sorted(found.items())}

    def datastreams(self, request: Request) -> Response:
        """The Datastreams; the only filter is ``startswith(name,'…')``."""
        asked = re.fullmatch(r"startswith\(name,'(.*)'\)", request.query_params.get("$filter", ""))
        made = [_datastream(number, name) for number, name in enumerate(self.observed, 1)]
        found = [each for each in made if asked is None or each["name"].startswith(asked[1])]
        return _entity_page(request, found, "Datastreams")

    def observations(self, request: Request) -> Response:
        """The Observations of one Datastream; the only filters are ``phenomenonTime gt …`` and ``le``."""
        number, names = request.path_params["id"], list(self.observed)
        if not 1 <= number <= len(names):
            raise HTTPException(404, '{"code": 404, "type": "error", "message": "Nothing found."}')
        holds = _condition(request.query_params.get("$filter", ""))
        found = [each for each in self.observed[names[number - 1]] if holds(each["phenomenonTime"])]
        if request.query_params.get("$expand", "").startswith("Datastream"):
            found = [{**each, "Datastream": _datastream(number, names[number - 1])} for each in found]
        return _entity_page(request, found, f"Datastreams({number})/Observations")


def _entity_page(request: Request, found: list[StaEntity], path: str) -> Response:
    """A page of ``found`` and, if there are more, the link to the next."""
    if is_fault_wanted(request, "error_200"):
        return JSONResponse({"code": 500, "type": "error", "message": "Failed to handle request."})
    asked = request.query_params
    top, skip = min(int(asked.get("$top", _DEFAULT_TOP)), _MOST), int(asked.get("$skip", 0))
    total, found = len(found), found[1:] if is_fault_wanted(request, "shift") else found
    start = max(0, skip - top) if is_fault_wanted(request, "repeated_page") else skip
    rows = found[start : start + (max(1, top // 2) if is_fault_wanted(request, "short_page") else top)]
    told: StaEntity = {}
    if asked.get("$count") == "true":
        told["@iot.count"] = str(total) if is_fault_wanted(request, "text_counts") else total
    if skip + len(rows) < len(found) or is_fault_wanted(request, "endless_next"):
        root = (
            _INTERNAL if is_fault_wanted(request, "next_elsewhere") else f"{str(request.base_url).rstrip('/')}{_ROOT}"
        )
        query = {**asked, "$skip": skip + max(len(rows), 1)}
        told["@iot.nextLink"] = f"{root}/{path}?{urlencode(query)}"
    renamed = is_fault_wanted(request, "renamed_column") and skip > 0
    return JSONResponse({**told, "value": [_renamed(row) for row in rows] if renamed else rows})


def _condition(text: str) -> Callable[[str], bool]:
    """Whether a time is after the one and not after the other; for an interval, its nearer end counts."""
    bounds = dict(re.findall(r"phenomenonTime (gt|le) (\S+)", text))
    after, until = bounds.get("gt", ""), bounds.get("le", "9999")
    return lambda time: time.partition("/")[0] > after and time.rpartition("/")[2] <= until


def _datastream(number: int, name: str) -> StaEntity:
    return {"@iot.id": number, "name": name, "unitOfMeasurement": _UNIT}


def _observation(number: int, local: str, text: str) -> StaEntity:
    """An hour as an interval, every seventh as its first instant; every fifth has no result time."""
    start = _start(local) or ""
    end = _iso(datetime.fromisoformat(start) + _HOUR)
    return {
        "@iot.id": number,
        "phenomenonTime": start if number % 7 == 0 else f"{start}/{end}",
        "resultTime": None if number % 5 == 0 else end,
        "result": int(text) if re.fullmatch(r"-?\d+", text) else text,
        "@iot.selfLink": f"{_INTERNAL}/Observations({number})",
    }


def _order(observation: StaEntity) -> tuple[str, int]:
    return observation["phenomenonTime"].partition("/")[0], observation["@iot.id"]


def _renamed(row: StaEntity) -> StaEntity:
    return {("value" if name == "result" else name): value for name, value in row.items()}


def _start(local: str) -> str | None:
    """The instant of a local time, ISO in UTC; None if it is not a time."""
    try:
        return _iso(datetime.fromisoformat(local).replace(tzinfo=UTC) - _ZONE)
    except ValueError:
        return None


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
