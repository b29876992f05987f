"""The services of ``make run``: each department with its own conventions, one of them with a transient failure.

``/gov/hotline?page=N&rows=M`` answers 200 even on failure: the envelope has a ``code``, and page 2 fails once.
``/env/stations`` returns a few stations at a time and the URL of the next page; ``/env/permits`` takes ``offset`` and
``limit``; ``/env/air_hourly.csv`` is one file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from citylake.infra.city.generate import air, permits
from citylake.infra.city.serve.city_data import CityData

_STATIONS_A_PAGE = 5
_MOST_ROWS = 500
_BAD_PAGE = 2


def plain_routes(held: CityData) -> list[Route]:
    """The services' addresses."""
    service = _Plain(held)
    return [
        Route("/gov/hotline", service.hotline),
        Route("/env/stations", service.stations),
        Route("/env/air_hourly.csv", service.air_hourly),
        Route("/env/permits", service.permits),
    ]


@dataclass
class _Plain:
    held: CityData
    bad_moment: bool = True

    def hotline(self, request: Request) -> Response:
        """A page of cases in the envelope ``{code, msg, data: {total, rows}}``."""
        page, size = _number(request, "page", 1), min(_number(request, "rows", 100), _MOST_ROWS)
        if page < 1 or size < 1:
            raise HTTPException(400, "page and rows count from 1")
        if page == _BAD_PAGE and self._fails_now():
            return _json({"code": 500, "msg": "系统繁忙，请稍后再试", "data": None})
        rows = self.held.cases
        data = {"total": len(rows), "rows": rows[(page - 1) * size : page * size]}
        return _json({"code": 200, "msg": "成功", "data": data})

    def stations(self, request: Request) -> Response:
        """Some stations and, if there are more, the ``next`` page: the same bytes on any port."""
        after, rows = _number(request, "after", 0), self.held.stations
        upto = after + _STATIONS_A_PAGE
        more = f"/env/stations?after={upto}" if upto < len(rows) else None
        return _json({"count": len(rows), "stations": rows[after:upto], "next": more})

    def permits(self, request: Request) -> Response:
        """Permits from ``offset``, at most ``limit`` of them, and how many there are."""
        offset, limit = _number(request, "offset", 0), min(_number(request, "limit", 50), _MOST_ROWS)
        rows = self.held.records(permits.PERMITS_FILE)
        return _json({"total": len(rows), "items": rows[offset : offset + limit]})

    def air_hourly(self, _: Request) -> Response:
        """The whole table."""
        return FileResponse(self.held.folder / air.AIR_FILE, media_type="text/csv")

    def _fails_now(self) -> bool:
        with self.held.lock:
            failing, self.bad_moment = self.bad_moment, False
        return failing


def _number(request: Request, name: str, default: int) -> int:
    try:
        return int(request.query_params.get(name, default))
    except ValueError:
        raise HTTPException(400, f"{name} is a number") from None


def _json(document: Any) -> Response:
    return JSONResponse(document, media_type="application/json; charset=utf-8")
