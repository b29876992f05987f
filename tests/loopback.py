"""A server on the loopback that answers as a test says: recorded traffic, or misbehaviour on request."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest


@dataclass
class Reply:
    """``cut``: bytes of the body that are never sent, though Content-Length counts them."""

    body: Any = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int = 0

    @property
    def payload(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass
class Asked:
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    times: int
    """How often this path and query was asked before."""
    method: str = "GET"
    body: Any = None
    """The JSON, or the form's fields, that were posted."""


@dataclass
class City:
    url: str = ""
    answer: Callable[[Asked], Reply] = lambda asked: Reply()
    asked: list[Asked] = field(default_factory=list)

    def reply(self, target: str, headers: dict[str, str], method: str, body: bytes) -> Reply:
        parts = urlsplit(target)
        params = dict(parse_qsl(parts.query))
        times = sum(1 for old in self.asked if (old.path, old.params) == (parts.path, params))
        posted = _posted(body, headers)
        self.asked.append(Asked(parts.path, params, headers, times, method, posted))
        return self.answer(self.asked[-1])


def _posted(body: bytes, headers: dict[str, str]) -> Any:
    if headers.get("content-type") == "application/x-www-form-urlencoded":
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
    return json.loads(body) if body else None


@pytest.fixture
def city() -> Iterator[City]:
    state = City()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = state.reply(self.path, headers, self.command, sent)
            self.send_response(reply.status)
            for name, value in {"Content-Length": str(len(reply.payload)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.payload[: len(reply.payload) - reply.cut])
            self.close_connection = True

        do_POST = do_PATCH = do_GET  # noqa: N815

        def log_message(self, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def reply() -> type[Reply]:
    """The class of a reply."""
    return Reply
