"""A Socrata portal: ``/soda/resource/{id}.json`` and, for version 3, ``/soda/api/v3/views/{id}/query.json``.

``hotl-ines`` holds the hotline's cases, ``void-void`` the columns of it and no rows; both have a column without any
value. Numbers are texts, and nulls are left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from citylake.infra.city.protocols.portal_data import portal_cases
from citylake.infra.city.protocols.soql import SoqlError, SoqlQuery, evaluate_soql, parse_soql
from citylake.infra.city.serve.city_data import CityData
from citylake.infra.city.serve.fault_injection import is_fault_wanted

_TYPES = {
    ":id": "row_identifier",
    ":updated_at": "fixed_timestamp",
    "ajbh": "text",
    "slsj": "floating_timestamp",
    "bjsj": "floating_timestamp",
    "ssqx": "text",
    "sqlx": "text",
    "sqfl": "text",
    "ajzt": "text",
    "myd": "number",
    "bz": "text",
}
_BEGINNING = "2026-03-01 00:00:00"


@dataclass(frozen=True)
class SocrataTable:
    """A dataset: the types of its columns, ``:id`` and ``:updated_at`` among them, and its rows as they are now."""

    types: Mapping[str, str]
    rows: Callable[[], list[dict[str, Any]]]


def socrata_routes(held: CityData) -> list[Route]:
    """The service's addresses."""
    return socrata_portal(
        "/soda", {"hotl-ines": SocrataTable(_TYPES, lambda: _rows(held)), "void-void": SocrataTable(_TYPES, list)}
    )


def socrata_portal(root: str, tables: Mapping[str, SocrataTable]) -> list[Route]:
    """A portal below ``root`` that has ``tables``, by their ids."""
    service = _Socrata(tables)
    return [
        Route(f"{root}/resource/{{id}}.json", service.classic),
        Route(f"{root}/api/v3/views/{{id}}/query.json", service.query, methods=["POST"]),
    ]


@dataclass
class _Socrata:
    tables: Mapping[str, SocrataTable]

    def classic(self, request: Request) -> Response:
        """SODA 2.1: clauses as parameters."""
        given = {name.removeprefix("$"): value for name, value in request.query_params.items()}
        return self._answer(request, lambda: SoqlQuery.of(given))

    async def query(self, request: Request) -> Response:
        """SODA 3: one text, and pages by number."""
        if "x-app-token" not in request.headers:
            return _refusal(403, "permission_denied", "An application token or a login is needed", {})
        body = await request.json()
        page = body.get("page", {"pageNumber": 1, "pageSize": 1000})
        return self._answer(request, lambda: parse_soql(body["query"], page["pageNumber"], page["pageSize"]))

    def _answer(self, request: Request, read: Callable[[], SoqlQuery]) -> Response:
        identity = request.path_params["id"]
        table = self.tables.get(identity)
        if table is None:
            return _refusal(404, "dataset.missing", "Not found", {"id": identity})
        if is_fault_wanted(request, "error_200"):
            return _refusal(200, "query.execution.timeout", "The query took too long", {})
        try:
            query = read()
            query = query.first_page() if is_fault_wanted(request, "repeated_page") else query
            rows = table.rows()
            return _sent(
                request, table, query, evaluate_soql(query, rows[1:] if is_fault_wanted(request, "shift") else rows)
            )
        except SoqlError as malformed:
            return _refusal(400, "query.compiler.malformed", str(malformed), {"query": malformed.clause})


def _sent(request: Request, table: SocrataTable, query: SoqlQuery, found: list[dict[str, Any]]) -> Response:
    if query.counts:
        # Numbers are texts, unless a fault is requested.
        number = found[0]["n"]
        return JSONResponse([{**found[0], "n": number if is_fault_wanted(request, "text_counts") else str(number)}])
    names = query.columns(list(table.types))
    told = dict(zip(names, names, strict=True))
    if is_fault_wanted(request, "renamed_column") and query.later:
        told[names[-1]] = f"{names[-1]}_new"
    if is_fault_wanted(request, "short_page"):
        found = found[: len(found) // 2 + 1]
    rows = [{told[name]: row[name] for name in names if row.get(name) is not None} for row in found]
    types = [table.types[name] for name in names]
    headers = {"X-SODA2-Fields": json.dumps([*told.values()]), "X-SODA2-Types": json.dumps(types)}
    return JSONResponse(rows, headers=headers)


def _rows(held: CityData) -> list[dict[str, Any]]:
    return [
        {":id": socrata_row_id(number), ":updated_at": _updated(row), **row, "bz": None}
        for number, row in enumerate(portal_cases(held), 1)
    ]


def socrata_row_id(number: int) -> str:
    """The id of the ``number``-th row."""
    return f"row-{number:04d}.{number:04d}-0000"


def _updated(row: dict[str, Any]) -> str:
    """When the case was accepted or closed, if these are times."""
    times = [text for text in (row["slsj"], row["bjsj"]) if text and text[:5] == "2026-" and text[5:7] in ("02", "03")]
    return max(times, default=_BEGINNING).replace(" ", "T") + ".000Z"


def _refusal(status: int, code: str, message: str, data: dict[str, Any]) -> Response:
    return JSONResponse({"code": code, "error": True, "message": message, "data": data}, status)
