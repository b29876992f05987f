"""Municipal portals with the hotline's cases: one takes a key, the other requires each call to be signed first.

``/sz/api/{dataset}/1/service.xhtml`` (as Shenzhen's): GET or POST of ``appKey``, ``page``, ``rows``; upper-case keys,
all values text, refusals under status 200. ``/sz/api/{dataset}/links`` returns the next page's address instead.
``/zj/jimp/sign/createsign.do`` and ``/zj/interface/gateway.do`` (as Zhejiang's): JSON in a text in a text.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from citylake.infra.city.protocols.paging import PageCut, cut_page, int_parameter
from citylake.infra.city.serve.city_data import CityData
from citylake.infra.city.serve.fault_injection import is_fault_wanted

APP_KEY = "lanhai-open-data-key"
APP_ID, APP_SECRET = "lanhai-app", "lanhai-app-secret"
PORTAL_DATASET, PORTAL_INTERFACE = "29200_12345", "hotline_cases"
_MOST_ROWS = 10_000
_SIGNED_FOR_S = 300
_SIGNED = ("app_id", "interface_id", "version", "charset", "timestamp", "origin", "biz_content")


def portal_routes(held: CityData) -> list[Route]:
    """The services' addresses."""
    service = _Portal(held)
    return [
        Route("/sz/api/{dataset}/1/service.xhtml", service.keyed, methods=["GET", "POST"]),
        Route("/sz/api/{dataset}/links", service.linked),
        Route("/zj/jimp/sign/createsign.do", service.sign, methods=["POST"]),
        Route("/zj/interface/gateway.do", service.gateway, methods=["POST"]),
    ]


@dataclass
class _Portal:
    held: CityData

    async def keyed(self, request: Request) -> Response:
        """A page for requests with the key; only the message for others."""
        given = {**request.query_params, **await _form(request)}
        refused = _refusal(request, given)
        if refused:
            return JSONResponse({"message": refused})
        made = self._cut(request, given, "page", "rows")
        return JSONResponse({"page": made.page, "rows": made.size, "total": made.total, "data": _upper(made.rows)})

    def linked(self, request: Request) -> Response:
        """A page and the address of the next."""
        refused = _refusal(request, request.query_params)
        if refused:
            return JSONResponse({"message": refused})
        made = self._cut(request, request.query_params, "page", "rows")
        return JSONResponse({"data": _upper(made.rows), "next": _next(request, made)})

    async def sign(self, request: Request) -> Response:
        """The signature of the other fields; a message if the application is unknown."""
        given = await _form(request)
        if (given.get("app_id"), given.get("app_secret")) != (APP_ID, APP_SECRET) or given.get("sign") != "":
            return JSONResponse({"code": 401, "msg": f"应用 {given.get('app_id')} 密钥错误"})
        return PlainTextResponse(_signature(given))

    async def gateway(self, request: Request) -> Response:
        """A page in a text, in a text."""
        given = await _form(request)
        if "app_secret" in given or not hmac.compare_digest(given.get("sign", ""), _signature(given)):
            return JSONResponse({"code": 403, "msg": "签名错误", "data": None})
        if abs(time.time() - int_parameter(given, "timestamp", 0) / 1000) > _SIGNED_FOR_S:
            return JSONResponse({"code": 403, "msg": "签名已过期", "data": None})
        if is_fault_wanted(request, "error_200"):
            return _wrapped({"code": "0", "msg": "系统繁忙，请稍后再试", "data": ""})
        made = self._cut(request, json.loads(given["biz_content"]), "pageNumber", "pageSize")
        return _wrapped({"code": "1", "msg": "成功", "data": _text({"total": made.total, "list": made.rows})})

    def _cut(self, request: Request, given: Mapping[str, Any], page: str, size: str) -> PageCut:
        with self.held.lock:
            counts: Counter[str] = self.held.memory.setdefault("portal", Counter())
            counts[request.scope["root_path"]] += 1
            gone = counts[request.scope["root_path"]] - 1
        most = min(int_parameter(given, size, 10), _MOST_ROWS)
        return cut_page(request, self.held.cases, int_parameter(given, page, 1), most, gone)


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))


def _refusal(request: Request, given: Mapping[str, Any]) -> str | None:
    if request.path_params["dataset"] != PORTAL_DATASET:
        return "未订阅该数据，请先订阅"
    if given.get("appKey") != APP_KEY:
        return f"appkey无效：{given.get('appKey', '')}"
    return "系统繁忙，请稍后再试" if is_fault_wanted(request, "error_200") else None


def _next(request: Request, made: PageCut) -> str | None:
    if is_fault_wanted(request, "next_elsewhere"):
        return "http://127.0.0.1:9/steal"
    if made.last and not is_fault_wanted(request, "endless_next"):
        return None
    return f"{request.scope['path']}?page={made.page + 1}&rows={made.size}"


def _upper(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name.upper(): value for name, value in row.items()} for row in rows]


def _signature(given: Mapping[str, str]) -> str:
    text = "&".join(f"{name}={given.get(name, '')}" for name in _SIGNED)
    return hmac.new(APP_SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()


def _wrapped(inner: dict[str, Any]) -> Response:
    return JSONResponse({"code": 200, "msg": "请求成功", "data": _text(inner)})


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False)
