"""Documents with an ETag and Last-Modified, not sent again to clients that have them (RFC 9110, 13)."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from starlette.requests import Request
from starlette.responses import Response


def conditional_response(request: Request, body: bytes, changed: datetime, media_type: str) -> Response:
    """``body``, or 304 if the request has its ETag or, without one, a time not before ``changed``."""
    changed = changed.astimezone(UTC).replace(microsecond=0)
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Last-Modified": format_datetime(changed, usegmt=True)}
    if _has(request, etag, changed):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)


def _has(request: Request, etag: str, changed: datetime) -> bool:
    asked = request.headers.get("if-none-match")
    if asked is not None:
        return etag in (each.strip() for each in asked.split(","))
    since = request.headers.get("if-modified-since")
    return since is not None and parsedate_to_datetime(since) >= changed
