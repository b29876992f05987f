"""Redirects go where the contract allows, and credentials never to another."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from citylake.pipelines.pull.connectors.http.http_source import HttpSource
from citylake.pipelines.pull.http.bounded_network import BoundedNetwork
from citylake.pipelines.pull.http.redirects import is_public_host, may_follow_redirect


@pytest.fixture
def other() -> Iterator[tuple[str, list[str]]]:
    """Another server on this machine: its address, and all that it was sent."""
    sent: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            sent.append(f"{self.command} {self.path} {dict(self.headers)} {body}")
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"a\n")

        do_POST = do_GET  # noqa: N815

        def log_message(self, *args: Any) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", sent
    server.shutdown()
    thread.join()
    server.server_close()


def source(url: str, allowed: str) -> HttpSource:
    return HttpSource.model_validate({"connector": "http", "url": url, "format": "csv", "redirects": allowed})


@pytest.mark.parametrize(
    ("allowed", "target", "follows"),
    [
        ("origin", "https://data.example/b", True),
        ("origin", "https://data.example:8443/b", False),
        ("origin", "http://data.example/b", False),
        ("origin", "https://other.example/b", False),
        ("public", "https://8.8.8.8/b", True),
        ("public", "http://8.8.8.8/b", False),
        ("public", "https://10.0.0.8/b", False),
        ("public", "https://127.0.0.1/b", False),
        ("public", "https://169.254.169.254/latest/meta-data", False),
        ("public", "https://[::1]/b", False),
        ("public", "https://[fd00::1]/b", False),
        ("public", "https://[::ffff:10.0.0.8]/b", False),
        ("any", "https://10.0.0.8/b", True),
        ("any", "http://10.0.0.8/b", False),
        ("any", "file:///etc/passwd", False),
    ],
)
def test_where_a_redirect_may_lead(allowed: str, target: str, follows: bool) -> None:
    resolve = BoundedNetwork(time.monotonic() + 60).addresses
    assert may_follow_redirect(source("https://data.example/a", allowed), target, resolve) is follows


@pytest.mark.parametrize(
    "private", ["10.1.2.3", "0.0.0.0", "100.64.0.1", "224.0.0.1", "64:ff9b::a01:203", "2002:a01:203::"]
)
def test_a_name_with_any_private_address_is_private(private: str) -> None:
    assert not is_public_host("data.example", lambda _: ["8.8.8.8", private])
    assert is_public_host("data.example", lambda _: ["8.8.8.8", "64:ff9b::808:808"])
    assert not is_public_host("data.example", lambda _: [])


def test_a_private_address_is_not_asked_unless_the_contract_says_any(
    puller: Any, city: Any, reply: Any, other: tuple[str, list[str]]
) -> None:
    url, sent = other
    city.answer = lambda asked: reply(status=302, headers={"Location": f"{url}/b"})
    for allowed in ("origin", "public"):
        assert puller.one("http", url=city.url, redirects=allowed).problem.code == "HTTP_REDIRECTED"
    assert sent == []
    assert puller.one("http", url=city.url, redirects="any").status == "received"


CONNECTIONS = [{"headers": {"X-Key": "hush-hush"}}, {"params": {"appkey": "hush-hush"}}, {"token": "hush-hush"}]


@pytest.mark.parametrize("connection", CONNECTIONS)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("place", ["/b", "/b?appkey=hush-hush"])
@pytest.mark.parametrize("send", ["query", "form", "json"])
def test_credentials_go_to_no_other_origin(
    puller: Any,
    city: Any,
    reply: Any,
    other: tuple[str, list[str]],
    connection: dict[str, Any],
    status: int,
    place: str,
    send: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url, sent = other
    monkeypatch.setenv("CITYLAKE_CONN_CITY_API", json.dumps(connection))
    city.answer = lambda asked: reply(status=status, headers={"Location": url + place})
    receipt = puller.one(
        "rest_paged",
        url=city.url,
        connection="city_api",
        redirects="any",
        send=send,
        headers={"Cookie": "hush-hush"},
        attempts=1,
        format="json",
        paging={"by": "page", "param": "page"},
    )
    assert "hush-hush" not in " ".join(sent)
    assert "hush-hush" not in repr(receipt)
    assert receipt.status == "failed"


def test_a_redirect_in_a_circle_is_told(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply(status=302, headers={"Location": f"{asked.path}x"})
    assert puller.one("http", url=f"{city.url}/a").problem.code == "HTTP_REDIRECTED"
    assert len(city.asked) == 5
