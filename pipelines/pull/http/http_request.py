"""One request and its response."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlencode, urljoin, urlsplit

from citylake.pipelines.pull.connector_api import LandedPart
from citylake.pipelines.pull.redact import redact_url
from citylake.schemas.words.secret_words import names_secret

_CHUNK = 1 << 20

HttpParam = str | int | Mapping[str, str | int]
HttpParams = Mapping[str, HttpParam]
ParamEncoding = Literal["query", "form", "json"]
NO_ORIGIN = ("", None, None)
"""The origin of a text that is no URL."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request: a URL, parameters besides those in the URL, and a JSON body for POST.

    ``send``: whether the parameters, and the connection's, are in the URL's query or in the body of a POST. One that
    has members is JSON text in a query or form.
    """

    url: str
    params: HttpParams = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    method: Literal["GET", "POST"] = "GET"
    body: Any = None
    send: ParamEncoding = "query"

    def __str__(self) -> str:
        """For messages: the contract's parameters without those whose name suggests a key."""
        if self.send != "query":
            return f"POST {redact_url(self.url)} {json.dumps(_render_params(self.params), ensure_ascii=False)}"
        query = f"?{urlencode(encode_params(_render_params(self.params)), safe='$:*,/')}" if self.params else ""
        body = f" {json.dumps(self.body, ensure_ascii=False)}" if self.body is not None else ""
        return f"{self.method} {redact_url(self.url)}{query}{body}"


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A response: its headers, and the file with its body, which exists until the next request."""

    path: Path
    headers: Mapping[str, str]
    """Names in lower case."""
    next_link: str | None
    """The URL in the header ``Link`` with ``rel=next``."""

    def part(self, name: str) -> LandedPart:
        """The body as a part."""
        return LandedPart(name, self._chunks())

    def _chunks(self) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            yield from iter(partial(file.read, _CHUNK), b"")


@dataclass(frozen=True, slots=True)
class JsonPage(HttpResponse):
    """A response that is one JSON document."""

    document: Any


def _render_params(params: HttpParams) -> dict[str, HttpParam]:
    return {name: "***" if names_secret(name) else value for name, value in params.items()}


def encode_params(params: HttpParams) -> dict[str, str | int]:
    """``params`` for a query or form: one that has members becomes JSON text."""
    return {
        name: json.dumps(value, ensure_ascii=False) if isinstance(value, Mapping) else value
        for name, value in params.items()
    }


def url_origin(url: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port: credentials are sent to these only; ``NO_ORIGIN`` if ``url`` is no URL."""
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return NO_ORIGIN


def resolve_link(base: str, link: str) -> str:
    """``link`` resolved against ``base``; unchanged if it is no URL."""
    try:
        return urljoin(base, link)
    except ValueError:
        return link


def url_basename(url: str) -> str:
    """A file name for ``url``: the last part of its path, or the host."""
    parts = urlsplit(url)
    return unquote(parts.path).rstrip("/").rsplit("/", 1)[-1] or parts.hostname or "data"
