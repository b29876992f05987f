"""Faults on request: ``/with/<fault>,<fault>:<n>/…`` serves the rest of the path with these faults.

``:n`` applies the fault to the n-th request under this prefix only (``:n+``: from then on), else to every one. What a
test puts after ``@`` separates its counts: ``/with/cut:1@mine/…``. Faults of the transport are made here; those that
only the service can produce (a short page, a renamed column, endless links) it queries with :func:`wanted`.
"""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from threading import Lock

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from citylake.infra.city.serve.wire_faults import TruncatedBody, drip_body

FAULT_PREFIX = "/with/"

SERVICE_FAULTS = (
    "short_page",
    "repeated_page",
    "past_end",
    "error_200",
    "renamed_column",
    "text_counts",
    "next_elsewhere",
    "endless_next",
    "shift",
)
"""Faults that services produce, beside those that their own modules name: fewer rows on a page than requested; a page
again in place of the next; rows on a page past the end; a failure under status 200; a column renamed from the second
page on; counts as text; the next link on another host; next links without end; a row removed from the front between
pages."""

AsgiHandler = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(slots=True)
class FaultInjector:
    """The application around the services."""

    app: ASGIApp
    counts: Counter[str] = field(default_factory=Counter)
    lock: Lock = field(default_factory=Lock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request with the faults named in its path."""
        path: str = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith(FAULT_PREFIX):
            await self.app(scope, receive, send)
            return
        asked = path.removeprefix(FAULT_PREFIX).partition("/")[0]
        with self.lock:
            self.counts[asked] += 1
            active = _active(asked, self.counts[asked])
        scope = {**scope, "root_path": f"{scope.get('root_path', '')}{FAULT_PREFIX}{asked}", "faults": active}
        await _answer(self.app, active)(scope, receive, send)


def is_fault_wanted(request: Request, fault: str) -> bool:
    """Whether this request must be answered with ``fault``."""
    return fault in request.scope.get("faults", ())


def _active(asked: str, count: int) -> frozenset[str]:
    named = (part.partition(":") for part in asked.partition("@")[0].split(","))
    return frozenset(name for name, _, when in named if _is_now(when, count))


def _is_now(when: str, count: int) -> bool:
    if not when:
        return True
    return count >= int(when[:-1]) if when.endswith("+") else count == int(when)


def _answer(app: ASGIApp, active: frozenset[str]) -> AsgiHandler:
    for name, instead in _INSTEAD.items():
        if name in active:
            return instead
    for name, around in _AROUND.items():
        if name in active:
            app = around(app)
    return app


_INSTEAD: dict[str, AsgiHandler] = {
    "429": Response("slow down", 429, {"Retry-After": "0", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "0"}),
    "503": Response("out of order", 503),
    "404": Response("not here", 404),
    "304": Response(status_code=304),
    "login": Response("<html><title>Login</title><body>Please sign in.</body></html>", 200, media_type="text/html"),
    "elsewhere": RedirectResponse("http://127.0.0.1:9/elsewhere"),
}


def _change_body(app: ASGIApp, change: Callable[[bytes], bytes], **headers: str) -> AsgiHandler:
    """A response with a changed body and additional headers."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        start: Message = {}
        body = bytearray()

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            body.extend(message.get("body", b""))
            if not message.get("more_body"):
                whole = change(bytes(body))
                kept = [
                    (name, value)
                    for name, value in start["headers"]
                    if name.decode() not in ("content-length", *headers)
                ]
                added = {"content-length": str(len(whole)), **headers}
                start["headers"] = [*kept, *((name.encode(), value.encode()) for name, value in added.items())]
                await send(start)
                await send({"type": "http.response.body", "body": whole})

        await app(scope, receive, keep)

    return served


def _in_two_members(body: bytes) -> bytes:
    half = len(body) // 2
    return gzip.compress(body[:half]) + gzip.compress(body[half:])


_AROUND: dict[str, Callable[[ASGIApp], AsgiHandler]] = {
    "gzip": lambda app: _change_body(app, gzip.compress, **{"content-encoding": "gzip"}),
    "gzip_parts": lambda app: _change_body(app, _in_two_members, **{"content-encoding": "gzip"}),
    "gzip_cut": lambda app: _change_body(app, lambda body: gzip.compress(body)[:-9], **{"content-encoding": "gzip"}),
    "gbk": lambda app: _change_body(app, lambda body: body.decode().encode("gb18030")),
    "wrong_type": lambda app: _change_body(app, bytes, **{"content-type": "text/plain"}),
    "skew": lambda app: _change_body(app, bytes, date="Thu, 01 Jan 1970 00:00:00 GMT"),
    "cut": lambda app: TruncatedBody(app),
    "slow": lambda app: drip_body(app),
}
