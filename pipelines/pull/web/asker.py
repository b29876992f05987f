"""Asking one source: each answer whole, in a scratch file, and asked for again where its fault may heal."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import httpx
import stamina

from pipelines.pull.credentials import Credentials, credentials
from pipelines.pull.redact import shown_url
from pipelines.pull.web.ask import Answer, Ask, Page, joined, origin
from pipelines.pull.web.body import Body
from pipelines.pull.web.document import read_document
from pipelines.pull.web.redirects import is_loopback, may_follow
from pipelines.pull.web.refusals import refuse
from pipelines.pull.web.request import request
from pipelines.pull.web.unpack import ACCEPTED
from pipelines.pull.web.waiting import PassingError, again, note_allowance, take_turn
from pipelines.unwrap import unwrapped
from schemas.faults import CitylakeError
from schemas.source import HttpBase

_REDIRECTS = 5

AnswerT = TypeVar("AnswerT", bound=Answer)
Check = Callable[[Page], None]
"""Looks into an answer with status 200; raises ``PassingError`` to have it asked again, or ``CitylakeError``."""
Dress = Callable[[Ask], Ask]
"""Changes an ask right before it is sent, each time: a signature ages."""


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities that are trusted: read once, for it takes longer than a request."""
    return httpx.create_ssl_context()


@contextmanager
def asking(source: HttpBase) -> Iterator[Asker]:
    """An asker for one pull of ``source``; raises CONNECTION_UNSET or CONNECTION_BROKEN."""
    access = credentials(source.connection)
    # No proxy stands between a machine and itself.
    proxied = not is_loopback(source.url)
    packing = {"Accept-Encoding": ACCEPTED}
    client = httpx.Client(timeout=source.timeout_s, headers=packing, trust_env=proxied, verify=_trusted())
    with TemporaryDirectory(prefix="citylake-") as scratch, client:
        yield Asker(source, access, Path(scratch), client)


@dataclass(slots=True)
class Asker:
    """Asks one source within its limits; holds one body at a time, in ``scratch``."""

    source: HttpBase
    access: Credentials
    scratch: Path
    client: httpx.Client
    spent_bytes: int = 0
    started: float = field(default_factory=time.monotonic)

    @property
    def shown(self) -> str:
        """The source's address without secrets."""
        return shown_url(self.source.url)

    def file(self, ask: Ask, check: Callable[[Answer], None] | None = None) -> Answer:
        """The answer to ``ask`` as it is; raises NotModifiedError where the server says so."""

        def read(answer: Answer) -> Answer:
            if check:
                check(answer)
            return answer

        return self._asked(ask, None, read)

    def aside(self, ask: Ask, access: Credentials, most: int) -> bytes:
        """The short answer to ``ask``, asked once, with other credentials; the body of a page stays where it is."""
        return replace(self, access=access)._once(ask, Body(self.scratch / "aside"), most).path.read_bytes()

    def page(self, ask: Ask, check: Check | None = None, encoding: str = "utf-8", dress: Dress | None = None) -> Page:
        """The answer to ``ask`` as one JSON document, its inner texts unwrapped as the format says."""

        def read(answer: Answer) -> Page:
            page = Page(answer.path, answer.headers, answer.next_link, self._document(answer.path, encoding))
            if check:
                check(page)
            return page

        return self._asked(ask, self.source.max_page_bytes, read, dress)

    def on_origin(self, link: str, base: str, page: int) -> str:
        """``link``, made whole by ``base``; raises LINK_LEAVES where it leaves the source's scheme, host or port."""
        url = joined(base, link)
        if origin(url) != origin(self.source.url):
            raise CitylakeError("LINK_LEAVES", source=self.shown, page=page, link=self.redact(url))
        return url

    def redact(self, text: str) -> str:
        """``text`` without the credentials."""
        return self.access.redact(text)

    def _asked(
        self, ask: Ask, most: int | None, read: Callable[[Answer], AnswerT], dress: Dress | None = None
    ) -> AnswerT:
        body = Body(self.scratch / "body")
        retries = stamina.retry_context(
            on=again, attempts=self.source.attempts, timeout=None, wait_initial=1.0, wait_max=60.0, wait_jitter=1.0
        )
        for attempt in retries:
            with attempt:
                answer = read(self._once(dress(ask) if dress else ask, body, most))
        self.spent_bytes += body.size
        return answer

    def _once(self, ask: Ask, body: Body, most: int | None) -> Answer:
        shown = shown_url(ask.url)
        try:
            return self._received(ask, body, most)
        except (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.TooManyRedirects) as error:
            raise CitylakeError("HTTP_NO_ANSWER", source=shown, reason=self._reason(error)) from None
        except (httpx.RequestError, httpx.StreamError) as error:
            # The cause carries the request, with its credentials: it must not reach a traceback.
            raise PassingError("HTTP_NO_ANSWER", source=shown, reason=self._reason(error)) from None

    def _received(self, ask: Ask, body: Body, most: int | None) -> Answer:
        response = self._sent(ask, body)
        try:
            body.admit(response)
            refuse(response, shown_url(ask.url), self.access)
            body.receive(response, self._limit(shown_url(ask.url), most))
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Answer(body.path, headers, response.links.get("next", {}).get("url"))
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
        if time.monotonic() - self.started > self.source.deadline_s:
            raise CitylakeError("PULL_TOO_LONG", source=self.shown, limit_s=self.source.deadline_s)

    def _sent(self, ask: Ask, body: Body) -> httpx.Response:
        headers = {**self.source.headers, **ask.headers, **body.headers}
        sent = request(self.client, ask, headers, self.access)
        for _ in range(_REDIRECTS):
            response = self._answered(sent)
            if response.next_request is None:
                return response
            response.close()
            sent = self._followed(response.next_request)
        raise CitylakeError("HTTP_REDIRECTED", source=shown_url(ask.url), target=self.redact(str(sent.url)))

    def _answered(self, request: httpx.Request) -> httpx.Response:
        self._in_time()
        host = request.url.netloc.decode()
        take_turn(host, self.source.per_second)
        response = self.client.send(request, stream=True)
        note_allowance(host, {name.lower(): value for name, value in response.headers.items()})
        return response

    def _followed(self, request: httpx.Request) -> httpx.Request:
        """The request to the new place, without credentials where that is another's; raises HTTP_REDIRECTED."""
        target = str(request.url)
        away = origin(target) != origin(self.source.url)
        # Credentials may be in what was posted, or in the place that the server names.
        carries = away and (request.method == "POST" or self.access.within(target))
        if carries or not may_follow(self.source, target):
            raise CitylakeError("HTTP_REDIRECTED", source=self.shown, target=self.redact(target))
        if away:
            for name in (*self.access.headers, *self.source.headers):
                request.headers.pop(name, None)
        return request

    def _document(self, path: Path, encoding: str) -> Any:
        try:
            document = read_document(path.read_bytes(), encoding, self.shown, self.redact)
        except CitylakeError as error:
            raise PassingError(error.code, **error.values) from None
        return unwrapped(document, getattr(self.source.format, "unwrap", ()))

    def _reason(self, error: Exception) -> str:
        return self.redact(f"{type(error).__name__}: {error}")
