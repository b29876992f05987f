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


def only(receipts: list[Any]) -> Any:
    (receipt,) = receipts
    return receipt


def page(reply: Any, rows: list[Any], **members: Any) -> Any:
    return reply({"code": 0, "rows": rows, **members})


@pytest.fixture
def reply(city: Any) -> Any:
    """The class of a reply, from the server's own module."""
    return type(city.answer(None))


def numbered(reply: Any, total: int, size: int) -> Any:
    rows = [{"n": number} for number in range(total)]

    def answer(asked: Any) -> Any:
        place = (int(asked.params["page"]) - 1) * size
        return page(reply, rows[place : place + size], total=total)

    return answer


def test_a_file_is_stored_as_received(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply(b"a\r\n\xff\n")
    receipt = only(puller("http", url=f"{city.url}/data/x.csv?v=1", headers={"X-Who": "lake"}))
    assert (receipt.status, receipt.name, receipt.source) == ("received", "x.csv", f"{city.url}/data/x.csv")
    assert Path(receipt.landing[0]).read_bytes() == b"a\r\n\xff\n"
    assert city.asked[0].params == {"v": "1"}
    assert city.asked[0].headers["x-who"] == "lake"


def test_compression_on_the_wire_is_undone(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply(gzip.compress(b"a\n1\n"), headers={"Content-Encoding": "gzip"})
    assert Path(only(puller("http", url=city.url)).landing[0]).read_bytes() == b"a\n1\n"


@pytest.mark.parametrize("status", [429, 500, 503, 408])
def test_a_status_that_heals_is_asked_again(puller: Any, city: Any, reply: Any, status: int) -> None:
    city.answer = lambda asked: reply(b"a\n") if asked.times == 2 else reply(status=status)
    assert only(puller("http", url=city.url)).status == "received"
    assert len(city.asked) == 3


@pytest.mark.parametrize("status", [400, 401, 404])
def test_a_status_that_does_not_heal_is_asked_once(puller: Any, city: Any, reply: Any, status: int) -> None:
    city.answer = lambda asked: reply(b"no such thing", status=status)
    problem = only(puller("http", url=city.url)).problem
    assert (problem.code, problem.values["status"], problem.values["message"]) == (
        "HTTP_REFUSED",
        status,
        "no such thing",
    )
    assert len(city.asked) == 1


def test_a_very_long_retry_after_is_left_to_the_next_run(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply(status=429, headers={"Retry-After": "86400"})
    assert only(puller("http", url=city.url)).problem.values["status"] == 429
    assert len(city.asked) == 1


def test_a_cut_body_is_asked_again_and_never_landed(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply(b"a\n" * 500, cut=300 if asked.times < 2 else 0)
    assert Path(only(puller("http", url=city.url)).landing[0]).read_bytes() == b"a\n" * 500
    city.answer = lambda asked: reply(b"a\n" * 500, cut=300)
    receipt = only(puller("http", url=f"{city.url}/cut", attempts=2))
    assert (receipt.status, receipt.problem.code, receipt.landing) == ("failed", "HTTP_NO_ANSWER", ())


def test_a_server_that_is_not_there_is_told(puller: Any) -> None:
    receipt = only(puller("http", url="http://127.0.0.1:9/x", attempts=2))
    assert (receipt.status, receipt.problem.code) == ("failed", "HTTP_NO_ANSWER")


def test_a_body_over_the_limit_is_refused(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply(gzip.compress(b"0" * 5_000_000), headers={"Content-Encoding": "gzip"})
    assert only(puller("http", url=city.url, max_bytes=1_000_000)).problem.code == "SOURCE_TOO_LARGE"


def test_pages_by_number_end_at_the_declared_total(puller: Any, city: Any, reply: Any) -> None:
    city.answer = numbered(reply, total=7, size=3)
    paging = {"by": "page", "param": "page", "size_param": "size", "size": 3, "total": "total"}
    receipt = only(puller("http", url=city.url, format=JSON, paging=paging, envelope=ENVELOPE))
    assert (receipt.status, receipt.declared_count, receipt.stored_count) == ("received", 7, 7)
    assert [asked.params for asked in city.asked] == [{"page": str(n), "size": "3"} for n in (1, 2, 3)]
    assert [len(json.loads(Path(path).read_bytes())["rows"]) for path in receipt.landing] == [3, 3, 1]


def test_pages_by_number_without_a_total_end_at_the_empty_page(puller: Any, city: Any, reply: Any) -> None:
    city.answer = numbered(reply, total=4, size=2)
    receipt = only(puller("http", url=city.url, format=JSON, paging={"by": "page", "param": "page"}))
    assert (receipt.status, receipt.declared_count, receipt.stored_count) == ("received", None, 4)


def test_pages_by_offset_count_what_came(puller: Any, city: Any, reply: Any) -> None:
    sizes = {"0": 3, "3": 2, "5": 1}
    city.answer = lambda asked: page(
        reply, [{"at": asked.params["offset"], "n": n} for n in range(sizes[asked.params["offset"]])], total="6"
    )
    paging = {"by": "offset", "param": "offset", "total": "total"}
    receipt = only(puller("http", url=city.url, format=JSON, paging=paging))
    assert (receipt.status, receipt.stored_count) == ("received", 6)


def test_pages_by_cursor_follow_the_mark(puller: Any, city: Any, reply: Any) -> None:
    marks = {None: "b", "b": "c", "c": None}
    city.answer = lambda asked: page(
        reply, [asked.params.get("after")], meta={"next": marks[asked.params.get("after")]}
    )
    paging = {"by": "cursor", "param": "after", "next": "meta.next"}
    receipt = only(puller("http", url=f"{city.url}/x?kind=air", format=JSON, paging=paging))
    assert (receipt.status, receipt.stored_count) == ("received", 3)
    assert all(asked.params["kind"] == "air" for asked in city.asked)


def test_pages_by_link_follow_the_body_or_the_header(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: page(reply, [asked.path], next=None if asked.path == "/2" else "/2?k=1")
    assert (
        only(puller("http", url=f"{city.url}/1", format=JSON, paging={"by": "link", "next": "next"})).stored_count == 2
    )
    city.answer = lambda asked: reply(
        {"rows": [asked.path]}, headers={} if asked.path == "/2" else {"Link": '</2>; rel="next"'}
    )
    assert only(puller("http", url=f"{city.url}/1", format=JSON, paging={"by": "link"})).stored_count == 2


def test_200_but_failed_is_asked_again_then_told_in_the_servers_words(puller: Any, city: Any, reply: Any) -> None:
    good = numbered(reply, total=4, size=2)
    city.answer = lambda asked: (
        reply({"code": 500, "msg": "系统繁忙"}) if asked.params["page"] == "2" and asked.times < 2 else good(asked)
    )
    paging = {"by": "page", "param": "page", "total": "total"}
    assert only(puller("http", url=city.url, format=JSON, paging=paging, envelope=ENVELOPE)).status == "received"
    city.answer = lambda asked: reply({"code": 1, "msg": "系统繁忙"}) if asked.params["page"] == "2" else good(asked)
    receipt = only(puller("http", url=f"{city.url}/x", format=JSON, paging=paging, envelope=ENVELOPE, attempts=2))
    assert (receipt.status, receipt.declared_count, receipt.stored_count) == ("incomplete", 4, 2)
    assert receipt.problem.code == "HTTP_FAILED_INSIDE"
    assert (receipt.problem.values["page"], receipt.problem.values["message"]) == (2, "系统繁忙")


def test_true_is_not_one_in_an_envelope(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply({"ok": True, "rows": []})
    envelope = {"field": "ok", "success": [1]}
    assert only(puller("http", url=city.url, format=JSON, envelope=envelope, attempts=1)).status == "failed"


def test_a_login_page_instead_of_json_is_told_with_its_start(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply(b"<html><title>Login</title>")
    problem = only(puller("http", url=city.url, format=JSON, envelope=ENVELOPE, attempts=2)).problem
    assert (problem.code, problem.values["start"]) == ("HTTP_NOT_JSON", "<html><title>Login</title>")


def test_fewer_records_than_declared_are_incomplete(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: page(reply, [1, 2] if asked.params["page"] == "1" else [], total=5)
    paging = {"by": "page", "param": "page", "total": "total"}
    receipt = only(puller("http", url=city.url, format=JSON, paging=paging))
    assert (receipt.status, receipt.declared_count, receipt.stored_count) == ("incomplete", 5, 2)
    assert receipt.problem.code == "COUNT_DIFFERS"


def test_a_page_that_comes_twice_is_known_even_under_another_time(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: page(reply, [{"n": 1}, {"n": 2}], total=9, now=asked.params["page"])
    paging = {"by": "page", "param": "page", "total": "total"}
    receipt = only(puller("http", url=city.url, format=JSON, paging=paging))
    assert (receipt.status, receipt.problem.code, receipt.problem.values["page"]) == ("incomplete", "PAGE_REPEATED", 2)
    assert (len(receipt.landing), receipt.stored_count) == (1, 2)


def test_links_in_a_circle_and_without_end_are_stopped(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: page(reply, [len(city.asked)], next=f"/{len(city.asked) % 3}")
    paging: dict[str, Any] = {"by": "link", "next": "next"}
    assert only(puller("http", url=f"{city.url}/0", format=JSON, paging=paging)).problem.code == "PAGE_LOOP"
    city.answer = lambda asked: page(reply, [len(city.asked)], next=f"/{len(city.asked)}")
    endless = only(puller("http", url=f"{city.url}/0", format=JSON, paging={**paging, "max_pages": 5}))
    assert (endless.status, endless.problem.code, len(endless.landing)) == ("incomplete", "PAGES_ENDLESS", 5)


def test_a_link_to_another_origin_is_not_followed(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: page(reply, [1], next="http://127.0.0.1:9/steal?x=1")
    problem = only(puller("http", url=city.url, format=JSON, paging={"by": "link", "next": "next"})).problem
    assert (problem.code, problem.values["link"]) == ("LINK_LEAVES", "http://127.0.0.1:9/steal")


def test_a_redirect_is_followed_at_home_only(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply(b"a\n") if asked.path == "/b" else reply(status=302, headers={"Location": "/b"})
    assert only(puller("http", url=f"{city.url}/a")).status == "received"
    city.answer = lambda asked: reply(status=302, headers={"Location": "http://127.0.0.1:9/?key=1"})
    problem = only(puller("http", url=f"{city.url}/a")).problem
    assert (problem.code, problem.values["target"]) == ("HTTP_REDIRECTED", "http://127.0.0.1:9/")


def test_proxies_do_not_stand_before_the_loopback(
    puller: Any, city: Any, reply: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    city.answer = lambda asked: reply(b"a\n")
    assert only(puller("http", url=city.url)).status == "received"


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
        only(
            puller("http", url=f"{city.url}/{name}", connection="city_api", format=JSON, envelope=envelope, attempts=2)
        )
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
    problem = only(puller("http", url="http://127.0.0.1:9", connection="none")).problem
    assert (problem.code, problem.values["variable"]) == ("CONNECTION_UNSET", "CITYLAKE_CONN_NONE")
    monkeypatch.setenv("CITYLAKE_CONN_NONE", "hush-hush")
    broken = only(puller("http", url="http://127.0.0.1:9", connection="none")).problem
    assert broken.code == "CONNECTION_BROKEN"
    assert "hush" not in repr(broken)
