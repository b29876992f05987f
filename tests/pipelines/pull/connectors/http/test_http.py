"""``http``: whole or told. A server's faults are healed by asking again, or named in the receipt."""

from __future__ import annotations

import gzip
import json
import logging
import pickle
from pathlib import Path
from typing import Any

import pytest

ENVELOPE = {"field": "code", "success": [0], "message": "msg"}
JSON = {"type": "json", "records": "rows"}


def test_a_file_is_stored_as_received(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply(b"a\r\n\xff\n")
    receipt = puller.one("http", url=f"{city.url}/data/x.csv?v=1", headers={"X-Who": "lake"})
    assert (receipt.status, receipt.name, receipt.source) == ("received", "x.csv", f"{city.url}/data/x.csv")
    assert Path(receipt.landing[0]).read_bytes() == b"a\r\n\xff\n"
    assert city.asked[0].params == {"v": "1"}
    assert city.asked[0].headers["x-who"] == "lake"


def test_compression_on_the_wire_is_undone(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply(gzip.compress(b"a\n1\n"), headers={"Content-Encoding": "gzip"})
    assert Path(puller.one("http", url=city.url).landing[0]).read_bytes() == b"a\n1\n"


@pytest.mark.parametrize("status", [429, 500, 503, 408])
def test_a_status_that_heals_is_asked_again(puller: Any, city: Any, reply: Any, status: int) -> None:
    city.answer = lambda asked: reply(b"a\n") if asked.times == 2 else reply(status=status)
    assert puller.one("http", url=city.url).status == "received"
    assert len(city.asked) == 3


@pytest.mark.parametrize("status", [400, 401, 404])
def test_a_status_that_does_not_heal_is_asked_once(puller: Any, city: Any, reply: Any, status: int) -> None:
    city.answer = lambda asked: reply(b"no such thing", status=status)
    problem = puller.one("http", url=city.url).problem
    assert (problem.code, problem.values["status"], problem.values["message"]) == (
        "HTTP_REFUSED",
        status,
        "no such thing",
    )
    assert len(city.asked) == 1


def test_a_very_long_retry_after_is_left_to_the_next_run(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply(status=429, headers={"Retry-After": "86400"})
    assert puller.one("http", url=city.url).problem.values["status"] == 429
    assert len(city.asked) == 1


def test_a_cut_body_is_asked_again_and_never_landed(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply(b"a\n" * 500, cut=300 if asked.times < 2 else 0)
    assert Path(puller.one("http", url=city.url).landing[0]).read_bytes() == b"a\n" * 500
    city.answer = lambda asked: reply(b"a\n" * 500, cut=300)
    receipt = puller.one("http", url=f"{city.url}/cut", attempts=2)
    assert (receipt.status, receipt.problem.code, receipt.landing) == ("failed", "HTTP_NO_ANSWER", ())


def test_a_server_that_is_not_there_is_told(puller: Any) -> None:
    receipt = puller.one("http", url="http://127.0.0.1:9/x", attempts=2)
    assert (receipt.status, receipt.problem.code) == ("failed", "HTTP_NO_ANSWER")


def test_a_body_over_the_limit_is_refused(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply(gzip.compress(b"0" * 5_000_000), headers={"Content-Encoding": "gzip"})
    assert puller.one("http", url=city.url, max_bytes=1_000_000).problem.code == "SOURCE_TOO_LARGE"


def test_true_is_not_one_in_an_envelope(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply({"ok": True, "rows": []})
    envelope = {"field": "ok", "success": [1]}
    assert puller.one("http", url=city.url, format=JSON, envelope=envelope, attempts=1).status == "failed"


def test_a_login_page_instead_of_json_is_told_with_its_start(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply(b"<html><title>Login</title>")
    problem = puller.one("http", url=city.url, format=JSON, envelope=ENVELOPE, attempts=2).problem
    assert (problem.code, problem.values["start"]) == ("HTTP_NOT_JSON", "<html><title>Login</title>")


def test_a_redirect_is_followed_at_home_only(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply(b"a\n") if asked.path == "/b" else reply(status=302, headers={"Location": "/b"})
    assert puller.one("http", url=f"{city.url}/a").status == "received"
    city.answer = lambda asked: reply(status=302, headers={"Location": "http://127.0.0.1:9/?key=1"})
    problem = puller.one("http", url=f"{city.url}/a").problem
    assert (problem.code, problem.values["target"]) == ("HTTP_REDIRECTED", "http://127.0.0.1:9/")


def test_proxies_do_not_stand_before_the_loopback(
    puller: Any, city: Any, reply: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    city.answer = lambda asked: reply(b"a\n")
    assert puller.one("http", url=city.url).status == "received"


CONNECTIONS = [
    {"headers": {"X-Key": "hush-hush"}},
    {"params": {"appkey": "hush-hush"}},
    {"token": "hush-hush"},
]


@pytest.mark.parametrize("connection", CONNECTIONS)
def test_credentials_are_sent_and_never_shown(
    puller: Any,
    city: Any,
    reply: Any,
    connection: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("CITYLAKE_CONN_CITY_API", json.dumps(connection))
    caplog.set_level(logging.DEBUG)

    def answer(asked: Any) -> Any:
        sent = json.dumps([asked.params, asked.headers])
        assert "hush-hush" in sent
        return reply(
            sent.encode(), status={"/refuses": 401, "/breaks": 500}.get(asked.path, 200), cut=asked.path == "/cuts"
        )

    city.answer = answer
    receipts = [
        puller.one("http", url=f"{city.url}/{name}", connection="city_api", format=JSON, envelope=envelope, attempts=2)
        for name in ("refuses", "breaks", "cuts", "works")
        for envelope in (None, ENVELOPE, {**ENVELOPE, "message": "1"})
    ]
    assert [receipt.status for receipt in receipts].count("received") == 1
    assert len(city.asked) > len(receipts)
    told = " ".join(repr(receipt) for receipt in receipts)
    assert "hush-hush" not in told + caplog.text + repr([record.__dict__ for record in caplog.records])
    assert b"hush-hush" not in pickle.dumps(receipts)


def test_a_connection_without_credentials_is_told(puller: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CITYLAKE_CONN_NONE", raising=False)
    problem = puller.one("http", url="http://127.0.0.1:9", connection="none").problem
    assert (problem.code, problem.values["variable"]) == ("CONNECTION_UNSET", "CITYLAKE_CONN_NONE")
    monkeypatch.setenv("CITYLAKE_CONN_NONE", "hush-hush")
    broken = puller.one("http", url="http://127.0.0.1:9", connection="none").problem
    assert broken.code == "CONNECTION_BROKEN"
    assert "hush" not in repr(broken)
