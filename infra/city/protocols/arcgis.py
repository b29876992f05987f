"""Two ArcGIS services below ``/arcgis/rest/services``: stations as points, and the hotline's cases as a table.

``Stations/FeatureServer/0`` is in Web Mercator. ``Cases/FeatureServer/0`` pages by offset; ``Cases/MapServer/0`` is an
old server that does not; ``Cases/MapServer/1`` answers count-only and ids-only with features as well.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from citylake.infra.city.protocols.arcgis_where import parse_where
from citylake.infra.city.serve.city_data import CityData
from citylake.infra.city.serve.fault_injection import is_fault_wanted

_MOST = 100
_KEY = "OBJECTID"
_RADIUS_M = 6378137.0
_ZONE = timedelta(hours=8)
_TYPES = {_KEY: "esriFieldTypeOID", "edited": "esriFieldTypeDate"}

ArcgisFeature = dict[str, Any]


def arcgis_routes(held: CityData) -> list[Route]:
    """The services' addresses."""
    services = _Services(held)
    base = "/arcgis/rest/services/{service}/{kind}Server/{layer:int}"
    return [Route(base, services.metadata), Route(f"{base}/query", services.query)]


class _Services:
    def __init__(self, held: CityData) -> None:
        self.held = held

    @cached_property
    def stations(self) -> list[ArcgisFeature]:
        """Points, the last of them without a geometry."""
        rows = self.held.stations
        made = [
            {"attributes": {_KEY: number, "code": row["code"], "name": f"{row['name']}  "}, "geometry": _mercator(row)}
            for number, row in enumerate(rows, 1)
        ]
        del made[-1]["geometry"]
        return made

    @cached_property
    def cases(self) -> list[ArcgisFeature]:
        """Rows whose object ids have gaps, as after deletions; ``edited`` is when a case was accepted."""
        return [
            {"attributes": {_KEY: 3 * number + (number > 200) * 50_000, **case, "edited": _edited(case["slsj"])}}
            for number, case in enumerate(self.held.cases, 1)
        ]

    def metadata(self, request: Request) -> Response:
        """The layer's metadata; an old server gives neither its limit nor its key."""
        rows, modern = self._rows(request), request.path_params["kind"] == "Feature"
        attributes = rows[0]["attributes"]
        fields = [{"name": name, "type": _TYPES.get(name, "esriFieldTypeString")} for name in attributes]
        told: dict[str, Any] = {"id": request.path_params["layer"], "type": "Feature Layer", "fields": fields}
        if modern:
            told |= {"objectIdField": _KEY, "maxRecordCount": _MOST, **_kind(request)}
            told["advancedQueryCapabilities"] = {"supportsPagination": True, "supportsOrderBy": True}
        return JSONResponse(told)

    def query(self, request: Request) -> Response:
        """Some features, their number, or their ids."""
        if is_fault_wanted(request, "error_200"):
            return JSONResponse({"error": {"code": 500, "message": "Unable to complete operation.", "details": []}})
        asked, modern = request.query_params, request.path_params["kind"] == "Feature"
        holds = parse_where(asked.get("where", ""))
        rows = [row for row in self._rows(request) if holds(row["attributes"])]
        if is_fault_wanted(request, "shift"):
            rows = rows[1:]
        counts = modern or request.path_params["layer"] == 0
        if counts and "returnCountOnly" in asked:
            return JSONResponse({"count": str(len(rows)) if is_fault_wanted(request, "text_counts") else len(rows)})
        if counts and "returnIdsOnly" in asked:
            ids = [row["attributes"][_KEY] for row in rows]
            return JSONResponse({"objectIdFieldName": _KEY, "objectIds": ids or None})
        return JSONResponse(_page(request, rows, modern=modern))

    def _rows(self, request: Request) -> list[ArcgisFeature]:
        service, layer = request.path_params["service"], request.path_params["layer"]
        if service not in ("Stations", "Cases") or layer > (request.path_params["kind"] == "Map"):
            raise HTTPException(404, "no such layer")
        return self.stations if service == "Stations" else self.cases


def _page(request: Request, rows: Sequence[ArcgisFeature], *, modern: bool) -> dict[str, Any]:
    """A modern server starts at the requested offset and reports whether there is more; an old one does neither."""
    size = min(int(request.query_params.get("resultRecordCount", _MOST)), _MOST)
    at = int(request.query_params.get("resultOffset", 0)) if modern else 0
    start = max(0, at - size) if is_fault_wanted(request, "repeated_page") else at
    found = rows[start : start + (max(1, size // 2) if is_fault_wanted(request, "short_page") else size)]
    if is_fault_wanted(request, "renamed_column") and at:
        found = [{"attributes": _renamed(row["attributes"])} for row in found]
    told: dict[str, Any] = {"objectIdFieldName": _KEY, **_kind(request), "features": list(found)}
    if modern and (start + len(found) < len(rows) or is_fault_wanted(request, "endless_next")):
        told["exceededTransferLimit"] = True
    return told


def _kind(request: Request) -> dict[str, Any]:
    if request.path_params["service"] != "Stations":
        return {}
    return {"geometryType": "esriGeometryPoint", "spatialReference": {"wkid": 102100, "latestWkid": 3857}}


def _renamed(attributes: dict[str, Any]) -> dict[str, Any]:
    return {("case_no" if name == "ajbh" else name): value for name, value in attributes.items()}


def _mercator(station: dict[str, Any]) -> dict[str, float]:
    """Spherical Mercator (EPSG:3857), m."""
    place = station["place"]
    longitude, latitude = math.radians(float(place["lng"])), math.radians(float(place["lat"]))
    return {"x": _RADIUS_M * longitude, "y": _RADIUS_M * math.log(math.tan(math.pi / 4 + latitude / 2))}


def _edited(text: str) -> int | None:
    """Epoch milliseconds of a local time; None if it is not a time."""
    try:
        moment = datetime.fromisoformat(text) - _ZONE
    except ValueError:
        return None
    return int(moment.replace(tzinfo=UTC).timestamp() * 1000)
