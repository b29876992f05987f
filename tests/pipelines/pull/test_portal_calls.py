"""Calls as municipal portals want them: POST, keys in the body, signatures, JSON in texts, their own words."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

JSON = {"type": "json", "records": "rows"}
PAGING = {"by": "page", "param": "page", "size_param": "rows", "size": 2, "total": "total"}
SIGNED: dict[str, Any] = {
    "send": "form",
    "params": {"app": "a", "biz": {"kind": "air"}},
    "paging": {"by": "page", "param": "biz.pageNumber", "size_param": "biz.pageSize", "size": 2, "total": "total"},
    "sign": {"url": "/sign", "params": {"step": "sign"}, "timestamp": "timestamp"},
    "attempts": 2,
}


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {"params": {"appKey": "hush-key"}, "sign": {"secret": "hush-secret"}}
    monkeypatch.setenv("CITYLAKE_CONN_CITY_API", json.dumps(secrets))


def pages(reply: Any, count: int) -> Any:
    def answer(asked: Any) -> Any:
        given = asked.params if asked.method == "GET" else asked.body
        page = int(given["page"])
        return reply({"code": 0, "rows": list(range(count))[(page - 1) * 2 : page * 2], "total": count})

    return answer


@pytest.mark.parametrize(("send", "method"), [("query", "GET"), ("form", "POST"), ("json", "POST")])
def test_parameters_and_the_key_go_where_the_contract_says(
    puller: Any, city: Any, reply: Any, send: str, method: str
) -> None:
    city.answer = pages(reply, 3)
    receipt = puller.one(
        "rest_paged",
        url=f"{city.url}/x",
        send=send,
        params={"kind": "air", "with": {"a": 1}},
        connection="city_api",
        format=JSON,
        paging=PAGING,
    )
    assert (receipt.status, receipt.stored_count, [asked.method for asked in city.asked]) == (
        "received",
        3,
        [method] * 2,
    )
    given = city.asked[1].params if method == "GET" else city.asked[1].body
    inner = {"a": 1} if send == "json" else '{"a": 1}'
    number = int if send == "json" else str
    assert given == {"kind": "air", "with": inner, "page": number(2), "rows": number(2), "appKey": "hush-key"}
    assert method == "GET" or city.asked[1].params == {}


def signing(reply: Any, city: Any) -> Any:
    """Signs what it was given by its number; serves who brings the last signature once."""
    given: list[dict[str, str]] = []

    def answer(asked: Any) -> Any:
        if asked.path == "/sign":
            given.append(asked.body)
            return reply(f"signature-{len(given)}".encode())
        assert asked.body["sign"] == f"signature-{len(given)}"
        assert asked.body["timestamp"] == given[-1]["timestamp"]
        page = json.loads(asked.body["biz"])["pageNumber"]
        return reply({"rows": list(range(5))[(page - 1) * 2 : page * 2], "total": 5})

    return answer


def test_each_call_is_signed_first_and_only_the_signer_gets_the_secret(puller: Any, city: Any, reply: Any) -> None:
    city.answer = signing(reply, city)
    receipt = puller.one("rest_paged", url=f"{city.url}/gate", format=JSON, connection="city_api", **SIGNED)
    assert (receipt.status, receipt.stored_count) == ("received", 5)
    sign, call = city.asked[0].body, city.asked[1].body
    assert abs(int(sign.pop("timestamp")) / 1000 - time.time()) < 60
    assert sign == {
        "app": "a",
        "biz": '{"kind": "air", "pageSize": 2, "pageNumber": 1}',
        "sign": "",
        "step": "sign",
        "appKey": "hush-key",
        "secret": "hush-secret",
    }
    assert set(call) == {"app", "biz", "sign", "timestamp", "appKey"}
    assert [asked.path for asked in city.asked] == ["/sign", "/gate"] * 3


def test_another_attempt_has_another_signature(puller: Any, city: Any, reply: Any) -> None:
    good = signing(reply, city)

    def answer(asked: Any) -> Any:
        return reply(status=503) if len(city.asked) == 2 else good(asked)

    city.answer = answer
    receipt = puller.one("rest_paged", url=f"{city.url}/gate", format=JSON, connection="city_api", **SIGNED)
    assert (receipt.status, receipt.stored_count) == ("received", 5)
    assert [asked.path for asked in city.asked][:4] == ["/sign", "/gate", "/sign", "/gate"]


@pytest.mark.parametrize(
    "answer", [b"", b"<html>login</html>", b'{"msg": "hush-secret"}', "没有权限".encode(), b"a b c d e"]
)
def test_what_is_no_signature_is_told(puller: Any, city: Any, reply: Any, answer: bytes) -> None:
    city.answer = lambda asked: reply(answer)
    receipt = puller.one("rest_paged", url=f"{city.url}/gate", format=JSON, connection="city_api", **SIGNED)
    assert (receipt.status, receipt.problem.code) == ("failed", "SIGN_REFUSED")
    assert "hush" not in repr(receipt)


def test_a_signature_is_taken_from_a_document_and_asked_for_at_home_only(puller: Any, city: Any, reply: Any) -> None:
    good = signing(reply, city)
    city.answer = lambda asked: (
        reply({"data": {"sign": good(asked).body.decode()}}) if asked.path == "/sign" else good(asked)
    )
    source = {**SIGNED, "sign": {**SIGNED["sign"], "take": "data.sign"}}
    assert puller.one("rest_paged", url=f"{city.url}/gate", format=JSON, **source).status == "received"
    source["sign"] = {"url": "http://127.0.0.1:9/sign"}
    problem = puller.one("rest_paged", url=f"{city.url}/gate", format=JSON, connection="city_api", **source).problem
    assert problem.code == "LINK_LEAVES"


def test_the_signature_itself_is_not_shown(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: (
        reply(b"signature-that-is-secret") if asked.path == "/sign" else reply(asked.body["sign"].encode(), status=403)
    )
    receipt = puller.one("rest_paged", url=f"{city.url}/gate", format=JSON, connection="city_api", **SIGNED)
    assert receipt.problem.values["message"] == "***"


def wrapped(rows: list[int], code: str = "1", total: int = 3) -> dict[str, Any]:
    inner = json.dumps({"code": code, "msg": "好", "data": json.dumps({"total": total, "list": rows})})
    return {"code": 200, "data": inner}


WRAPPED: dict[str, Any] = {
    "format": {"type": "json", "unwrap": ["data", "data.data"], "records": "data.data.list"},
    "envelope": [
        {"field": "code", "success": [200]},
        {"field": "data.code", "success": ["1"], "message": "data.msg", "final": ["无权限"]},
    ],
    "paging": {"by": "page", "param": "page", "total": "data.data.total"},
}


def test_json_in_texts_in_json_is_counted_and_stored_as_it_came(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply(wrapped([1, 2] if asked.params["page"] == "1" else [3]))
    receipt = puller.one("rest_paged", url=city.url, **WRAPPED)
    assert (receipt.status, receipt.declared_count, receipt.stored_count) == ("received", 3, 3)
    assert json.loads(Path(receipt.landing[0]).read_bytes()) == wrapped([1, 2])


@pytest.mark.parametrize(
    ("document", "message", "asked"),
    [
        ({"code": 500, "data": None}, "code = 500", 2),
        ({"code": 200, "data": json.dumps({"code": "0", "msg": "系统繁忙"})}, "系统繁忙", 2),
        ({"code": 200, "data": json.dumps({"code": "0", "msg": "无权限访问"})}, "无权限访问", 1),
        ({"code": 200, "data": "未订阅"}, "data.code = None", 2),
    ],
)
def test_every_rule_of_the_envelope_must_hold(
    puller: Any, city: Any, reply: Any, document: dict[str, Any], message: str, asked: int
) -> None:
    city.answer = lambda _: reply(document)
    problem = puller.one("rest_paged", url=city.url, attempts=2, **WRAPPED).problem
    assert (problem.code, problem.values["message"], len(city.asked)) == ("HTTP_FAILED_INSIDE", message, asked)


@pytest.mark.parametrize("document", [{"data": []}, {"rows": "none"}, {"rows": 5}, [1], "appkey无效", None])
def test_a_page_without_records_is_no_end(puller: Any, city: Any, reply: Any, document: Any) -> None:
    city.answer = lambda asked: reply({"rows": [1]} if asked.params["page"] == "1" else document)
    receipt = puller.one("rest_paged", url=city.url, format=JSON, paging={"by": "page", "param": "page"}, attempts=2)
    assert (receipt.status, receipt.problem.code) == ("incomplete", "PAGE_NO_RECORDS")


def test_a_null_in_place_of_records_is_none(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply({"rows": [1] if asked.params["page"] == "1" else None})
    receipt = puller.one("rest_paged", url=city.url, format=JSON, paging={"by": "page", "param": "page"})
    assert (receipt.status, receipt.stored_count, receipt.proof) == ("received", 1, "reread")
