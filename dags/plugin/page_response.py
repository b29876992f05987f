"""A page or an error as an HTTP response: in the reader's language, and with no content from other hosts allowed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException

from citylake.dags.plugin.page_access import ORIGIN_REFUSED
from citylake.pipelines.site import Site
from citylake.pipelines.site.page_renderer import PageName, PageStyle, render_page
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import translate_key

LANGUAGE_COOKIE = "citylake_language"
_WORDS = {401: "login", 403: "forbidden", 404: "missing", 405: "method"}
_UNKNOWN = {"DATASET_UNKNOWN", "MART_UNKNOWN", "HELD_UNKNOWN"}
_REFUSED = {"ACT_NOT_ALLOWED": 403, "WHY_MISSING": 400, "HELD_DECIDED": 409}


def page_response(request: Request, page: PageName, document: Mapping[str, Any]) -> Response:
    """The document as a page; a chosen language is stored in a cookie."""
    look = _look(request, _zone(request))
    response = _html_response(request, page, document, look)
    if request.query_params.get("lang") == look.language:
        response.set_cookie(
            LANGUAGE_COOKIE, look.language, path=look.base or "/", max_age=31_536_000, httponly=True, samesite="lax"
        )
    return response


def _html_response(
    request: Request, page: PageName, document: Mapping[str, Any], look: PageStyle, status: int = 200
) -> Response:
    return HTMLResponse(render_page(page, document, look, _query(request)), status, headers=_headers(look.nonce))


async def http_error_response(request: Request, error: Exception) -> Response:
    """No login, no permission or no such page; the response contains nothing of the lake."""
    assert isinstance(error, HTTPException)
    if _wants_json(request):
        return JSONResponse({"detail": error.detail}, error.status_code, headers=error.headers)
    look, key = _look(request), _WORDS.get(error.status_code)
    key = "forbidden_origin" if error.detail == ORIGIN_REFUSED else key
    text = translate_key(f"pages.{key}", look.language) if key else str(error.detail)
    return _html_response(request, "fault", {"text": text}, look, error.status_code)


async def fault_response(request: Request, error: Exception) -> Response:
    """A fault that a person can fix, as text."""
    assert isinstance(error, CitylakeError)
    status = 404 if error.code in _UNKNOWN else _REFUSED.get(error.code, 503)
    if _wants_json(request):
        told = {"code": error.code, "text": {language: error.say(language) for language in ("zh", "en")}}
        return JSONResponse(told, status)
    look = _look(request)
    return _html_response(request, "fault", {"text": error.say(look.language), "code": error.code}, look, status)


def _look(request: Request, zone: str = "UTC") -> PageStyle:
    base = request.scope.get("root_path", "")
    return PageStyle(page_language(request), zone, base, secrets.token_urlsafe(16))


def _zone(request: Request) -> str:
    site: Site = request.app.state.site
    return site.registry().workspace.settings.timezone


def page_language(request: Request) -> str:
    """The language chosen on the page, otherwise the stored one, otherwise the browser's."""
    for chosen in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if chosen in ("zh", "en"):
            return chosen
    return "zh" if request.headers.get("accept-language", "").lower().startswith("zh") else "en"


def _query(request: Request) -> str:
    """The page's query parameters, without the language."""
    return request.url.remove_query_params("lang").query


def _wants_json(request: Request) -> bool:
    return request.url.path.startswith(f"{request.scope.get('root_path', '')}/api/")


def _headers(nonce: str) -> dict[str, str]:
    mine = f"'nonce-{nonce}'"
    policy = {
        "default-src": "'none'",
        "style-src": mine,
        "script-src": mine,
        "frame-ancestors": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Cache-Control": "private, no-store",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
