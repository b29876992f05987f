"""One answer of an HTTP server, whole, in a scratch file: asked again where the fault may heal by itself."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import stamina

from pipelines.pull.credentials import Credentials
from pipelines.pull.paging import Ask, origin
from pipelines.pull.redact import shown_url
from schemas.faults import CitylakeError
from schemas.source import HttpSource

_CHUNK = 1 << 20
_LONGEST_WAIT_S = 120.0
_PASSING_STATUS = frozenset({408, 425, 429})
_REDIRECTS = 5

# The libraries' own logs tell whole URLs and headers, credentials among them.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)


class PassingError(CitylakeError):
    """A fault that may heal: worth another attempt, after ``after_s`` seconds where the server says so."""

    after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Where the body lies, and the URL in the header ``Link`` with ``rel=next``."""

    path: Path
    next_link: str | None


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks one source; ``scratch`` holds one body at a time."""

    source: HttpSource
    access: Credentials
    scratch: Path
    client: httpx.Client

    def get(self, ask: Ask, left: int, check: Callable[[Path], None]) -> Answer:
        """The answer to ``ask``, of at most ``left`` bytes; ``check`` raises PassingError to have it asked again."""
        retries = stamina.retry_context(
            on=_wait, attempts=self.source.attempts, timeout=None, wait_initial=1.0, wait_max=60.0, wait_jitter=1.0
        )
        for attempt in retries:
            with attempt:
                answer = self._once(ask, left)
                check(answer.path)
        return answer

    def _once(self, ask: Ask, left: int) -> Answer:
        shown = shown_url(ask.url)
        try:
            return self._received(ask, left)
        except (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.TooManyRedirects) as error:
            raise CitylakeError("HTTP_NO_ANSWER", source=shown, reason=self._reason(error)) from None
        except httpx.RequestError as error:
            # The cause carries the request, with its credentials: it must not reach a traceback.
            raise PassingError("HTTP_NO_ANSWER", source=shown, reason=self._reason(error)) from None

    def _received(self, ask: Ask, left: int) -> Answer:
        path = self.scratch / "body"
        response = self._sent(ask)
        try:
            self._refuse(response, shown_url(ask.url))
            size = 0
            with path.open("wb") as file:
                for chunk in response.iter_bytes(_CHUNK):
                    size += len(chunk)
                    if size > left:
                        raise CitylakeError(
                            "SOURCE_TOO_LARGE", source=shown_url(ask.url), size=f">{left}", limit=self.source.max_bytes
                        )
                    file.write(chunk)
            return Answer(path, response.links.get("next", {}).get("url"))
        finally:
            response.close()

    def _sent(self, ask: Ask) -> httpx.Response:
        url = httpx.URL(ask.url).copy_merge_params({**ask.params, **self.access.params})
        request = self.client.build_request("GET", url, headers={**self.source.headers, **self.access.headers})
        for _ in range(_REDIRECTS):
            response = self.client.send(request, stream=True)
            if response.next_request is None:
                return response
            response.close()
            request = self._followed(response.next_request)
        raise CitylakeError("HTTP_REDIRECTED", source=shown_url(ask.url), target=shown_url(str(request.url)))

    def _followed(self, request: httpx.Request) -> httpx.Request:
        """A redirect is followed on the same origin; elsewhere, it would carry the credentials away."""
        if origin(str(request.url)) != origin(self.source.url):
            target = self.access.redact(str(request.url))
            raise CitylakeError("HTTP_REDIRECTED", source=shown_url(self.source.url), target=target)
        return request

    def _refuse(self, response: httpx.Response, shown: str) -> None:
        if response.status_code < 400:
            return
        message = " ".join(self.access.redact(_start(response)).split())
        passing = response.status_code in _PASSING_STATUS or response.status_code >= 500
        kind = PassingError if passing else CitylakeError
        error = kind("HTTP_REFUSED", source=shown, status=response.status_code, message=message[:200] or "-")
        if isinstance(error, PassingError):
            error.after_s = _asked_wait(response.headers.get("retry-after"))
        raise error

    def _reason(self, error: Exception) -> str:
        return self.access.redact(f"{type(error).__name__}: {error}")


def client(source: HttpSource) -> httpx.Client:
    """A client for ``source``; no proxy stands between a machine and itself."""
    return httpx.Client(timeout=source.timeout_s, trust_env=not _loopback(source.url))


def _loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _start(response: httpx.Response) -> str:
    try:
        first = next(response.iter_bytes(2048), b"")
    except httpx.RequestError:
        return ""
    return first[:2048].decode(response.encoding or "utf-8", "replace")


def _wait(error: Exception) -> bool | float:
    """Stamina's question: whether to ask again, and after how many seconds. A very long wait is the next run's."""
    if not isinstance(error, PassingError):
        return False
    if error.after_s is None:
        return True
    return error.after_s if error.after_s <= _LONGEST_WAIT_S else False


def _asked_wait(header: str | None) -> float | None:
    """``Retry-After`` in seconds: a number, or a date (RFC 9110, 10.2.3)."""
    if header is None:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
