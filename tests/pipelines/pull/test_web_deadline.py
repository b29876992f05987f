"""A pull ends at its deadline, whatever the server does; and a name leads to the address that was checked."""

from __future__ import annotations

import socket
import time
from typing import Any

import httpx
import pytest

from citylake.pipelines.pull.credentials import Credentials
from citylake.pipelines.pull.http import response_head
from citylake.pipelines.pull.http.bounded_network import bounded_client
from citylake.schemas.words.errors import CitylakeError
from tests.raw_server import raw_server, silent, trickling

ENOUGH_S = 5.0
HEAD = b"HTTP/1.1 200 OK\r\n"
# The compressed body consists of blocks without bytes: nothing comes out of it.
SLOW = {
    "status line": (b"", b"H" * 100),
    "headers": (HEAD, b"X-A: b\r\n"),
    "body": (HEAD + b"Content-Length: 100000\r\n\r\n", b"a"),
    "chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
    "error": (b"HTTP/1.1 500 No\r\nContent-Length: 100000\r\n\r\n", b"a"),
    "compressed": (
        HEAD + b"Content-Encoding: gzip\r\nContent-Length: 100000\r\n\r\n\x1f\x8b\x08\0\0\0\0\0\0\3",
        b"\0\0\0\xff\xff",
    ),
}


@pytest.mark.parametrize("part", SLOW)
def test_a_trickled_answer_ends_at_the_deadline(puller: Any, part: str) -> None:
    began = time.monotonic()
    with raw_server(trickling(*SLOW[part])) as port:
        receipt = puller.one("http", url=f"http://127.0.0.1:{port}/x.csv", timeout_s=3, deadline_s=0.5, attempts=2)
    assert time.monotonic() - began < ENOUGH_S
    assert (receipt.status, receipt.problem.code) == ("failed", "PULL_TOO_LONG")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_that_accepts_and_never_answers_is_told_in_time(puller: Any, scheme: str) -> None:
    """For https, in the middle of the handshake."""
    began = time.monotonic()
    with raw_server(silent) as port:
        url = f"{scheme}://127.0.0.1:{port}/x.csv"
        for limits, code in (({"timeout_s": 0.2}, "HTTP_NO_ANSWER"), ({"deadline_s": 0.2}, "PULL_TOO_LONG")):
            receipt = puller.one("http", url=url, attempts=1, **limits)
            assert (receipt.status, receipt.problem.code) == ("failed", code)
    assert time.monotonic() - began < ENOUGH_S


def test_a_trickled_handshake_ends_at_the_deadline(puller: Any) -> None:
    began = time.monotonic()
    # The head of a record of TLS that promises 16 KiB.
    with raw_server(trickling(b"\x16\x03\x03\x40\x00\x02", b"\0")) as port:
        receipt = puller.one("http", url=f"https://127.0.0.1:{port}/x", timeout_s=3, deadline_s=0.5, attempts=1)
    assert time.monotonic() - began < ENOUGH_S
    assert (receipt.status, receipt.problem.code) == ("failed", "PULL_TOO_LONG")


def test_a_name_server_that_does_not_answer_is_no_endless_wait(puller: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(2))
    began = time.monotonic()
    receipt = puller.one("http", url="http://data.example/x.csv", deadline_s=0.3, attempts=1)
    assert time.monotonic() - began < 2
    assert (receipt.status, receipt.problem.code) == ("failed", "PULL_TOO_LONG")


def test_a_chain_of_redirects_ends_at_the_deadline(puller: Any, city: Any, reply: Any) -> None:
    def slowly(asked: Any) -> Any:
        time.sleep(0.3)
        return reply(status=302, headers={"Location": f"{asked.path}x"})

    city.answer = slowly
    assert puller.one("http", url=f"{city.url}/a", deadline_s=0.5, attempts=1).problem.code == "PULL_TOO_LONG"
    assert len(city.asked) <= 3


def test_no_retry_is_made_after_the_deadline(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply(status=503)
    began = time.monotonic()
    receipt = puller.one("http", url=f"{city.url}/a", deadline_s=0.5, attempts=50)
    assert receipt.status == "failed"
    assert time.monotonic() - began < ENOUGH_S


def test_the_connection_goes_to_the_address_that_was_checked(
    puller: Any, city: Any, reply: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that is public when it is checked, and the loopback when it is connected to: DNS rebinding."""
    port, asked = httpx.URL(city.url).port, []
    real = socket.getaddrinfo

    def rebinding(host: str, *rest: Any, **more: Any) -> Any:
        if host != "moved.example":
            return real(host, *rest, **more)
        asked.append(host)
        address = "203.0.113.1" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0))]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr("citylake.pipelines.pull.http.redirects._is_public", lambda address: not address.is_loopback)
    target = f"http://moved.example:{port}/secret"
    city.answer = lambda asked: (
        reply(b"a\n1\n") if asked.path == "/secret" else reply(status=302, headers={"Location": target})
    )
    receipt = puller.one("http", url=f"{city.url}/x.csv", redirects="public", timeout_s=0.3, deadline_s=5, attempts=2)
    assert (receipt.status, receipt.problem.code) == ("failed", "HTTP_NO_ANSWER")
    assert {each.path for each in city.asked} == {"/x.csv"}
    assert asked == ["moved.example"]


def test_a_server_that_has_moved_is_found_at_its_new_address(
    puller: Any, city: Any, reply: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, addresses = socket.getaddrinfo, ["127.0.0.2", "127.0.0.1"]
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *rest, **more: real(addresses.pop(0) if host == "city.example" else host, *rest, **more),
    )
    city.answer = lambda asked: reply(b"a\n1\n")
    port = httpx.URL(city.url).port
    assert puller.one("http", url=f"http://city.example:{port}/x.csv", attempts=2).status == "received"


def test_the_deadline_holds_for_requests_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with raw_server(trickling(HEAD, b"X-A: b\r\n")) as port:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
        began = time.monotonic()
        with bounded_client(0.5, timeout=3.0) as (client, _), pytest.raises(httpx.TimeoutException):
            client.get("http://data.example/x.csv")
    assert time.monotonic() - began < ENOUGH_S


def test_a_probe_ends_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(response_head, "_DEADLINE_S", 0.5)
    with raw_server(trickling(*SLOW["headers"])) as port, pytest.raises(CitylakeError) as caught:
        response_head.ProbeClient(f"http://127.0.0.1:{port}/x", Credentials()).look()
    assert caught.value.code == "HTTP_NO_ANSWER"
