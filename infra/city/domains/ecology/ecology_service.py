"""The water stations' service: ``/env/water?after=`` answers some records and the cursor of the next ones."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from citylake.infra.city.domains.ecology.water import WATER_FILE
from citylake.infra.city.serve.city_data import CityData

_ROWS_A_PAGE = 250


def ecology_routes(held: CityData) -> list[Route]:
    """The service's address."""

    def water(request: Request) -> Response:
        after = int(request.query_params.get("after", "0"))
        rows = held.records(WATER_FILE)
        upto = after + _ROWS_A_PAGE
        page = {"jls": len(rows), "jl": rows[after:upto], "xyy": str(upto) if upto < len(rows) else None}
        return JSONResponse(page)

    return [Route("/env/water", water)]
