"""What a status code says: nothing new, a refusal that may heal, or one that will not."""

from __future__ import annotations

import httpx

from pipelines.pull.connector import NotModifiedError
from pipelines.pull.credentials import Credentials
from pipelines.pull.web.waiting import PassingError, asked_wait
from schemas.faults import CitylakeError

_PASSING = frozenset({408, 425, 429})


def refuse(response: httpx.Response, shown: str, access: Credentials) -> None:
    """Raise NotModifiedError, PassingError or CitylakeError (HTTP_REFUSED) where the answer is none."""
    if response.status_code == httpx.codes.NOT_MODIFIED:
        raise NotModifiedError
    if response.status_code < 400:
        return
    message = " ".join(access.redact(_start(response)).split())
    passing = response.status_code in _PASSING or response.status_code >= 500
    kind = PassingError if passing else CitylakeError
    error = kind("HTTP_REFUSED", source=shown, status=response.status_code, message=message[:200] or "-")
    if isinstance(error, PassingError):
        error.after_s = asked_wait({name.lower(): value for name, value in response.headers.items()})
    raise error


def _start(response: httpx.Response) -> str:
    try:
        first = next(response.iter_bytes(2048), b"")
    except httpx.RequestError:
        return ""
    return first[:2048].decode(response.encoding or "utf-8", "replace")
