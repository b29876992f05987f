"""Errors by HTTP status: not modified, transient, or final."""

from __future__ import annotations

import httpx

from citylake.pipelines.pull.connector_api import NotModifiedError
from citylake.pipelines.pull.credentials import Credentials
from citylake.pipelines.pull.http.error_message import parse_error_message
from citylake.pipelines.pull.http.rate_limit import TransientError, parse_retry_after
from citylake.schemas.words.errors import CitylakeError

_PASSING = frozenset({408, 425, 429})


def raise_http_error(response: httpx.Response, shown: str, access: Credentials) -> None:
    """Raise NotModifiedError, TransientError or CitylakeError (HTTP_REFUSED) unless the status is a success."""
    unchanged = response.status_code == httpx.codes.NOT_MODIFIED
    if unchanged and _is_conditional(response.request):
        raise NotModifiedError
    if response.status_code < 300:
        return
    passing = response.status_code in _PASSING or unchanged or response.status_code >= 500
    kind = TransientError if passing else CitylakeError
    error = kind(
        "HTTP_REFUSED",
        source=shown,
        status=response.status_code,
        message=summarize_error_body(_read_body_start(response), access),
    )
    if isinstance(error, TransientError):
        error.after_s = parse_retry_after({name.lower(): value for name, value in response.headers.items()})
    raise error


def _is_conditional(request: httpx.Request) -> bool:
    """Whether the request was conditional: for any other, 304 is no valid response."""
    return "if-none-match" in request.headers or "if-modified-since" in request.headers


def summarize_error_body(start: bytes, access: Credentials) -> str:
    """The beginning of an error body on one line, with the credentials redacted."""
    text = start[:2048].decode("utf-8", "replace")
    words = " ".join(access.redact(parse_error_message(text) or text).split())
    return words[:200] or "-"


def _read_body_start(response: httpx.Response) -> bytes:
    try:
        return next(response.iter_bytes(2048), b"")
    except httpx.RequestError:
        return b""
