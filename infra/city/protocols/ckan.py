"""A CKAN portal: ``/ckan`` is version 2.12, ``/ckan-2.9`` an older one without paging by key.

The hotline's cases are a table and a file, the stations a file, ``login`` a web page that says it is CSV; ``secret``
is forbidden. A page has at most 100 rows, whatever limit is requested.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from citylake.infra.city.generate import air, stations
from citylake.infra.city.protocols.ckan_search import CkanRefusal, datastore_search
from citylake.infra.city.protocols.portal_data import CASE_FIELDS, portal_cases
from citylake.infra.city.serve.city_data import CityData
from citylake.infra.city.serve.fault_injection import is_fault_wanted

_CASES, _STATIONS, _LOGIN, _SECRET = "hotline-cases", "air-stations", "login", "secret"
_FILES = {_CASES: "CSV", _STATIONS: "JSON", "air-hourly": "CSV", _LOGIN: "CSV"}
_LOGIN_PAGE = b"<!DOCTYPE html><html><head><title>Login</title></head><body>Sign in</body></html>"


def ckan_routes(held: CityData) -> list[Route]:
    """The service's addresses."""
    new, old = _Ckan(held, keyed=True), _Ckan(held, keyed=False)
    return [
        *(Route(f"{root}/api/3/action/{{action}}", site.action) for root, site in (("/ckan", new), ("/ckan-2.9", old))),
        *(Route(f"{root}/dataset/city/resource/{{id}}/download/{{file}}", new.file) for root in ("/ckan", "/ckan-2.9")),
    ]


@dataclass
class _Ckan:
    held: CityData
    keyed: bool

    def action(self, request: Request) -> Response:
        """An action in CKAN's envelope."""
        name = request.path_params["action"]
        known: dict[str, Callable[[Request], Any]] = {
            "resource_show": lambda asked: self._resource(asked, asked.query_params.get("id", "")),
            "package_show": self._package,
            "datastore_search": self._search,
        }
        help_url = f"{request.base_url}api/3/action/help_show?name={name}"
        try:
            if is_fault_wanted(request, "error_200"):
                return JSONResponse({"help": help_url, "success": False})
            if name not in known:
                raise CkanRefusal(400, {"__type": "Bad request", "message": f"Action name not known: {name}"})
            return JSONResponse({"help": help_url, "success": True, "result": known[name](request)})
        except CkanRefusal as refused:
            return JSONResponse({"help": help_url, "success": False, "error": refused.error}, refused.status)

    def file(self, request: Request) -> Response:
        """A resource's file, not sent again while it is unchanged."""
        identity = request.path_params["id"]
        if identity == _LOGIN:
            return Response(_LOGIN_PAGE, media_type="text/html")
        if identity == _CASES:
            return Response(self._csv(), media_type="text/csv")
        path = self.held.folder / (stations.STATIONS_FILE if identity == _STATIONS else air.AIR_FILE)
        sent = FileResponse(path, stat_result=path.stat())
        return Response(status_code=304) if request.headers.get("if-none-match") == sent.headers["etag"] else sent

    def _csv(self) -> str:
        text = io.StringIO()
        writer = csv.DictWriter(text, CASE_FIELDS)
        writer.writeheader()
        writer.writerows(portal_cases(self.held))
        return text.getvalue()

    def _resource(self, request: Request, identity: str) -> dict[str, Any]:
        if identity == _SECRET:
            raise CkanRefusal(
                403, {"__type": "Authorization Error", "message": "Access denied: may not read the resource"}
            )
        if identity not in _FILES:
            raise CkanRefusal(404, {"__type": "Not Found Error", "message": "Not found"})
        root = str(request.url).partition("/api/3/action/")[0]
        kind = _FILES[identity]
        return {
            "id": identity,
            "name": identity.replace("-", " "),
            "format": kind,
            "url": f"{root}/dataset/city/resource/{identity}/download/{identity}.{kind.lower()}",
            "url_type": "upload",
            "datastore_active": identity == _CASES,
            "datastore_contains_all_records_of_source_file": identity == _CASES,
        }

    def _package(self, request: Request) -> dict[str, Any]:
        if request.query_params.get("id") != "city":
            raise CkanRefusal(404, {"__type": "Not Found Error", "message": "Not found"})
        return {"name": "city", "resources": [self._resource(request, identity) for identity in _FILES]}

    def _search(self, request: Request) -> dict[str, Any]:
        params = dict(request.query_params)
        resource = self._resource(request, params.get("resource_id", ""))
        if not resource["datastore_active"]:
            raise CkanRefusal(404, {"__type": "Not Found Error", "message": "Resource not in the datastore"})
        rows = [{"_id": number, **row} for number, row in enumerate(portal_cases(self.held), 1)]
        return datastore_search(rows, params, frozenset(request.scope.get("faults", ())), keyed=self.keyed)
