"""The HTTP client for one source: every response is a complete scratch file; transient faults are retried."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx

from citylake.pipelines.lake.private_folder import scratch_folder
from citylake.pipelines.lake.retry_attempts import retry_attempts
from citylake.pipelines.pull.credentials import Credentials, load_credentials
from citylake.pipelines.pull.http.bounded_network import BoundedNetwork, bounded_client
from citylake.pipelines.pull.http.content_encoding import ACCEPT_ENCODING
from citylake.pipelines.pull.http.decode_nested_json import decode_nested_json
from citylake.pipelines.pull.http.http_errors import raise_http_error
from citylake.pipelines.pull.http.http_request import (
    HttpRequest,
    HttpResponse,
    JsonPage,
    encode_params,
    resolve_link,
    url_origin,
)
from citylake.pipelines.pull.http.json_document import parse_json_body
from citylake.pipelines.pull.http.rate_limit import TransientError, note_rate_limit, should_retry, throttle_host
from citylake.pipelines.pull.http.redirects import is_loopback_url, may_follow_redirect
from citylake.pipelines.pull.http.response_body import ResponseBody
from citylake.pipelines.pull.redact import redact_url
from citylake.schemas.model.source import HttpBase
from citylake.schemas.words.errors import CitylakeError

_REDIRECTS = 5

ResponseT = TypeVar("ResponseT", bound=HttpResponse)
PageCheck = Callable[[JsonPage], None]
"""Checks a response with status 200; raises TransientError for a retry, or CitylakeError."""
RequestSigner = Callable[[HttpRequest], HttpRequest]
"""Changes a request right before each attempt, because a signature expires."""


@cache
def _tls_context() -> ssl.SSLContext:
    """The trusted certificate authorities; loaded once, because loading takes longer than a request."""
    return httpx.create_ssl_context()


@contextmanager
def open_http_client(source: HttpBase) -> Iterator[HttpClient]:
    """A client for one pull of ``source``; raises CONNECTION_UNSET or CONNECTION_BROKEN."""
    access = load_credentials(source.connection)
    # Requests to this machine never use a proxy.
    proxied = not is_loopback_url(source.url)
    packing = {"Accept-Encoding": ACCEPT_ENCODING}
    options = {"timeout": source.timeout_s, "headers": packing, "trust_env": proxied, "verify": _tls_context()}
    with scratch_folder() as scratch, bounded_client(source.deadline_s, **options) as made:
        yield HttpClient(source, access, Path(scratch), *made)


@dataclass(slots=True)
class HttpClient:
    """Sends requests to one source within its limits; keeps one body at a time, in ``scratch``."""

    source: HttpBase
    access: Credentials
    scratch: Path
    client: httpx.Client
    network: BoundedNetwork
    spent_bytes: int = 0

    @property
    def shown(self) -> str:
        """The source's address without secrets."""
        return redact_url(self.source.url)

    def file(self, ask: HttpRequest, check: Callable[[HttpResponse], None] | None = None) -> HttpResponse:
        """The response to ``ask``; raises NotModifiedError if the server reports no change."""

        def read(answer: HttpResponse) -> HttpResponse:
            if check:
                check(answer)
            return answer

        return self._asked(ask, None, read)

    def aside(self, ask: HttpRequest, access: Credentials, most: int) -> bytes:
        """The short response to ``ask``, with other credentials and no retries; the current body is kept."""
        return replace(self, access=access)._once(ask, ResponseBody(self.scratch / "aside"), most).path.read_bytes()

    def page(
        self,
        ask: HttpRequest,
        check: PageCheck | None = None,
        encoding: str = "utf-8",
        dress: RequestSigner | None = None,
    ) -> JsonPage:
        """The response to ``ask`` as one JSON document, with nested JSON texts decoded as the format says."""

        def read(answer: HttpResponse) -> JsonPage:
            page = JsonPage(answer.path, answer.headers, answer.next_link, self._document(answer.path, encoding))
            if check:
                check(page)
            return page

        return self._asked(ask, self.source.max_page_bytes, read, dress)

    def on_origin(self, link: str, base: str, page: int) -> str:
        """``link`` resolved against ``base``; raises LINK_LEAVES if scheme, host or port differ."""
        url = resolve_link(base, link)
        if url_origin(url) != url_origin(self.source.url):
            raise CitylakeError("LINK_LEAVES", source=self.shown, page=page, link=self.redact(url))
        return url

    def may_follow(self, target: str) -> bool:
        """Whether the contract allows another address of the server's choice; it is then connected to as checked."""
        return may_follow_redirect(self.source, target, self.network.addresses)

    def redact(self, text: str) -> str:
        """``text`` with the credentials redacted."""
        return self.access.redact(text)

    def _asked(
        self,
        ask: HttpRequest,
        most: int | None,
        read: Callable[[HttpResponse], ResponseT],
        dress: RequestSigner | None = None,
    ) -> ResponseT:
        body = ResponseBody(self.scratch / "body")
        retries = retry_attempts(
            should_retry,
            attempts=self.source.attempts,
            # Time is limited by the deadline, at which nothing is asked any more.
            timeout=max(0.1, self.network.left_s()),
            wait_initial=1.0,
            wait_max=60.0,
            wait_jitter=1.0,
        )
        for attempt in retries:
            with attempt:
                answer = read(self._once(dress(ask) if dress else ask, body, most))
        self.spent_bytes += body.size
        return answer

    def _once(self, ask: HttpRequest, body: ResponseBody, most: int | None) -> HttpResponse:
        shown = redact_url(ask.url)
        try:
            return self._received(ask, body, most)
        except (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.TooManyRedirects) as error:
            raise CitylakeError("HTTP_NO_ANSWER", source=shown, reason=self._reason(error)) from None
        except (httpx.RequestError, httpx.StreamError) as error:
            self._in_time()
            if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
                # Its own server may have another address by now. That of a redirect stays the one that was checked.
                self.network.forget(urlsplit(self.source.url).hostname or "")
            # The cause contains the request with its credentials: it must not appear in a traceback.
            raise TransientError("HTTP_NO_ANSWER", source=shown, reason=self._reason(error)) from None

    def _received(self, ask: HttpRequest, body: ResponseBody, most: int | None) -> HttpResponse:
        response = self._sent(ask, body)
        try:
            body.admit(response)
            raise_http_error(response, redact_url(ask.url), self.access)
            body.receive(response, self._limit(redact_url(ask.url), most))
            headers = {name.lower(): value for name, value in response.headers.items()}
            return HttpResponse(body.path, headers, response.links.get("next", {}).get("url"))
        finally:
            response.close()

    def _limit(self, shown: str, most: int | None) -> Callable[[int], None]:
        left = self.source.max_bytes - self.spent_bytes

        def check(size: int) -> None:
            self._in_time()
            for limit, told in ((most, most), (left, self.source.max_bytes)):
                if limit is not None and size > limit:
                    raise CitylakeError("SOURCE_TOO_LARGE", source=shown, size=f">{limit}", limit=told)

        return check

    def _in_time(self) -> None:
        if self.network.left_s() <= 0:
            raise CitylakeError("PULL_TOO_LONG", source=self.shown, limit_s=self.source.deadline_s)

    def _sent(self, ask: HttpRequest, body: ResponseBody) -> httpx.Response:
        headers = {**self.source.headers, **ask.headers, **body.headers}
        sent = _build_http_request(self.client, ask, headers, self.access)
        for _ in range(_REDIRECTS):
            response = self._answered(sent)
            if response.next_request is None:
                return response
            response.close()
            sent = self._followed(response.next_request)
        raise CitylakeError("HTTP_REDIRECTED", source=redact_url(ask.url), target=self.redact(str(sent.url)))

    def _answered(self, request: httpx.Request) -> httpx.Response:
        self._in_time()
        host = request.url.netloc.decode()
        throttle_host(host, self.source.per_second)
        response = self.client.send(request, stream=True)
        note_rate_limit(host, {name.lower(): value for name, value in response.headers.items()})
        return response

    def _followed(self, request: httpx.Request) -> httpx.Request:
        """The request to the redirect's target, without credentials if the origin differs; raises HTTP_REDIRECTED."""
        target = str(request.url)
        away = url_origin(target) != url_origin(self.source.url)
        # Credentials may be in the posted body, or in the target.
        carries = away and (request.method == "POST" or self.access.within(target))
        if carries or not self.may_follow(target):
            raise CitylakeError("HTTP_REDIRECTED", source=self.shown, target=self.redact(target))
        if away:
            for name in (*self.access.headers, *self.source.headers):
                request.headers.pop(name, None)
        return request

    def _document(self, path: Path, encoding: str) -> Any:
        try:
            document = parse_json_body(path.read_bytes(), encoding, self.shown, self.redact)
        except CitylakeError as error:
            raise TransientError(error.code, **error.values) from None
        return decode_nested_json(document, getattr(self.source.format, "unwrap", ()))

    def _reason(self, error: Exception) -> str:
        return self.redact(f"{type(error).__name__}: {error}")


def _build_http_request(
    client: httpx.Client, ask: HttpRequest, headers: Mapping[str, str], access: Credentials
) -> httpx.Request:
    """The httpx request for ``ask``; the connection's parameters are sent the same way as its own."""
    headers = {**headers, **access.headers}
    if ask.send == "form":
        return client.build_request(
            "POST", ask.url, headers=headers, data=encode_params({**ask.params, **access.params})
        )
    if ask.send == "json":
        return client.build_request("POST", ask.url, headers=headers, json={**ask.params, **access.params})
    added = encode_params({**ask.params, **access.params})
    # A link from the server is used unchanged.
    url = httpx.URL(ask.url).copy_merge_params(added) if added else httpx.URL(ask.url)
    return client.build_request(ask.method, url, headers=headers, json=ask.body)
