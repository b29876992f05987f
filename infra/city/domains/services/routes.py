"""The app's service: ``/app/snapshots?cursor=C`` answers some reports, and the cursor of the next ones."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from citylake.infra.city.domains.services.snapshots import SNAPSHOTS_FILE
from citylake.infra.city.serve.city_data import CityData

_A_PAGE = 400


def service_routes(held: CityData) -> list[Route]:
    """The addresses of the domain."""

    def snapshots(request: Request) -> Response:
        cursor = request.query_params.get("cursor", "r0")
        if not cursor[1:].isdigit():
            raise HTTPException(400, "no such cursor")
        first, rows = int(cursor[1:]), held.records(SNAPSHOTS_FILE)
        more = f"r{first + _A_PAGE}" if first + _A_PAGE < len(rows) else None
        return JSONResponse({"reports": rows[first : first + _A_PAGE], "cursor": more, "total": len(rows)})

    return [Route("/app/snapshots", snapshots)]
