"""The beginning of a response, for recognizing what it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import httpx

from citylake.pipelines.pull.credentials import Credentials
from citylake.pipelines.pull.http.bounded_network import bounded_client
from citylake.pipelines.pull.http.redirects import is_loopback_url
from citylake.pipelines.pull.redact import redact_url
from citylake.schemas.words.errors import CitylakeError

_ENOUGH = 1 << 20
_TIMEOUT_S = 30.0
_DEADLINE_S = 120.0


@dataclass(frozen=True, slots=True)
class ResponseHead:
    """The first megabyte of a response; ``whole`` if that is all of it."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool

    @property
    def document(self) -> Any:
        """The body as JSON; None if it is no JSON, or incomplete."""
        try:
            return json.loads(self.body) if self.whole else None
        except (ValueError, RecursionError):
            return None


@dataclass(frozen=True, slots=True)
class ProbeClient:
    """Requests the beginning of responses of one server, with the credentials of one connection."""

    url: str
    access: Credentials

    def look(self, path: str = "", params: Mapping[str, str | int] | None = None) -> ResponseHead:
        """The beginning of the response at ``path`` (empty: the address itself); raises HTTP_NO_ANSWER."""
        url = urljoin(self.url, path) if path else self.url
        try:
            return self._looked(url, params or {})
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            reason = self.access.redact(f"{type(error).__name__}: {error}")
            raise CitylakeError("HTTP_NO_ANSWER", source=redact_url(url), reason=reason) from None

    def _looked(self, url: str, params: Mapping[str, str | int]) -> ResponseHead:
        added = {**params, **self.access.params}
        asked = httpx.URL(url).copy_merge_params(added) if added else httpx.URL(url)
        options = {"timeout": _TIMEOUT_S, "trust_env": not is_loopback_url(url)}
        with (
            bounded_client(_DEADLINE_S, **options) as (client, _),
            client.stream("GET", asked, headers=dict(self.access.headers)) as answer,
        ):
            body = bytearray()
            for chunk in answer.iter_bytes(1 << 16):
                body += chunk
                if len(body) > _ENOUGH:
                    break
            headers = {name.lower(): value for name, value in answer.headers.items()}
            return ResponseHead(url, answer.status_code, headers, bytes(body[:_ENOUGH]), len(body) <= _ENOUGH)
