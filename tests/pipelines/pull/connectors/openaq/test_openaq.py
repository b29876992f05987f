"""``openaq``: every row of a resource, or the receipt says what is missing."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from citylake.pipelines.pull.connectors.openaq.openaq_source import OpenaqSource
from tests.openaq_hours import meta, row, serve


def pages(city: Any) -> list[int]:
    return [int(asked.params["page"]) for asked in city.asked]


def test_pages_are_read_until_one_is_empty_never_until_found(puller: Any, city: Any, reply: Any) -> None:
    city.answer = serve(reply, hours=2)
    receipt = puller.one("openaq", url=city.url, resource="hours", sensors=[7])
    assert (receipt.status, receipt.declared_count, receipt.stored_count) == ("received", 2, 2)
    assert (receipt.name, receipt.proof, pages(city)) == ("sensors/7/hours", "count", [1, 2])


def test_where_found_says_only_more_every_page_is_read_again_backwards(puller: Any, city: Any, reply: Any) -> None:
    city.answer = serve(reply, hours=5)
    receipt = puller.one("openaq", url=city.url, resource="hours", sensors=[7], page_size=2)
    assert (receipt.status, receipt.declared_count, receipt.stored_count) == ("received", None, 5)
    assert pages(city) == [1, 2, 3, 4, 4, 3, 2, 1]
    assert [len(json.loads(Path(path).read_bytes())["results"]) for path in receipt.landing] == [2, 2, 1, 0]


def test_a_row_that_goes_while_pages_are_read_is_noticed(puller: Any, city: Any, reply: Any) -> None:
    whole = serve(reply, hours=5)

    def answer(asked: Any) -> Any:
        later = len(city.asked) > 1
        return whole(asked) if not later else serve_from(reply, 2, asked)

    city.answer = answer
    receipt = puller.one("openaq", url=city.url, resource="hours", sensors=[7], page_size=2)
    assert (receipt.status, receipt.problem.code) == ("incomplete", "PAGE_CHANGED")
    assert (receipt.problem.values["page"], receipt.cursor, receipt.state) == (1, None, None)


def serve_from(reply: Any, first: int, asked: Any) -> Any:
    size, page = int(asked.params["limit"]), int(asked.params["page"])
    found = [row(hour) for hour in range(first, 6)][size * (page - 1) : size * page]
    return reply({"meta": meta(f">{size}" if len(found) == size else len(found)), "results": found})


def test_a_row_that_comes_while_pages_are_read_is_noticed_by_its_double(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: serve_from(reply, 1 if len(city.asked) == 1 else 0, asked)
    receipt = puller.one("openaq", url=city.url, resource="hours", sensors=[7], page_size=2)
    assert (receipt.status, receipt.problem.code) == ("incomplete", "ROWS_SHIFTED")


def test_a_count_that_is_not_met_is_told_with_both_numbers(puller: Any, city: Any, reply: Any) -> None:
    found = [{"sensorsId": 1}, {"sensorsId": 2}]
    city.answer = lambda asked: reply({"meta": meta("3"), "results": found if asked.params["page"] == "1" else []})
    receipt = puller.one("openaq", url=city.url, resource="latest", parameters=[2])
    assert (receipt.status, receipt.declared_count, receipt.stored_count) == ("incomplete", 3, 2)
    assert receipt.problem.code == "COUNT_DIFFERS"


def test_a_short_page_before_the_last_lost_rows(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply({"meta": meta(">9"), "results": [row(int(asked.params["page"]))]})
    receipt = puller.one("openaq", url=city.url, resource="hours", sensors=[7])
    assert (receipt.status, receipt.problem.code) == ("incomplete", "PAGE_UNEVEN")


def test_a_host_whose_allowance_is_used_up_rests_until_it_is_renewed(puller: Any, city: Any, reply: Any) -> None:
    whole, at = serve(reply, hours=2), []

    def answer(asked: Any) -> Any:
        at.append(time.monotonic())
        answered = whole(asked)
        answered.headers = {"x-ratelimit-limit": "60", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}
        return answered

    city.answer = answer
    assert puller.one("openaq", url=city.url, resource="hours", sensors=[7]).status == "received"
    assert at[1] - at[0] > 0.9


@pytest.mark.parametrize("status", [408, 429])
def test_slow_queries_and_refused_haste_are_asked_again(puller: Any, city: Any, reply: Any, status: int) -> None:
    whole = serve(reply, hours=2)
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "0"}
    refusal = reply({"detail": "Too many requests"}, status=status, headers=headers)
    city.answer = lambda asked: whole(asked) if asked.times else refusal
    assert puller.one("openaq", url=city.url, resource="hours", sensors=[7]).status == "received"
    assert pages(city) == [1, 1, 2, 2]


def test_a_fault_that_is_json_in_a_json_text_is_told_once_and_not_asked_again(
    puller: Any, city: Any, reply: Any
) -> None:
    city.answer = lambda asked: reply('[{"loc": ["query", "limit"], "msg": "too large"}]', status=422)
    problem = puller.one("openaq", url=city.url, resource="hours", sensors=[7]).problem
    assert (problem.code, problem.values["status"], len(city.asked)) == ("HTTP_REFUSED", 422, 1)
    assert problem.values["message"] == '[{"loc": ["query", "limit"], "msg": "too large"}]'


def test_a_success_without_results_is_none(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply({"detail": "Internal Server Error"})
    problem = puller.one("openaq", url=city.url, resource="hours", sensors=[7], attempts=2).problem
    assert (problem.code, problem.values["message"]) == ("HTTP_FAILED_INSIDE", "Internal Server Error")


def test_an_end_that_is_no_instant_moves_nothing(puller: Any, city: Any, reply: Any) -> None:
    odd = {"period": {"datetimeTo": {"utc": "yesterday"}}}
    city.answer = lambda asked: reply({"meta": meta(1), "results": [odd]})
    receipt = puller.one("openaq", url=city.url, resource="hours", sensors=[7])
    assert (receipt.problem.code, receipt.problem.values["value"], receipt.state) == (
        "OPENAQ_NO_TIME",
        "yesterday",
        None,
    )


def test_the_key_is_sent_as_a_header_and_shown_nowhere(
    puller: Any, city: Any, reply: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITYLAKE_CONN_OPENAQ", '{"headers": {"X-API-Key": "k-8d1f2"}}')
    city.answer = lambda asked: reply({"detail": f"no such key {asked.headers['x-api-key']}"}, status=401)
    receipt = puller.one("openaq", url=city.url, resource="hours", sensors=[7], connection="openaq")
    assert "k-8d1f2" not in str(receipt)
    assert "***" in receipt.problem.values["message"]


@pytest.mark.parametrize(
    "settings",
    [
        {"resource": "hours"},
        {"resource": "hours", "sensors": [1], "parameters": [2]},
        {"resource": "latest"},
        {"resource": "locations", "locations": [1]},
        {"resource": "latest", "locations": [1], "since": "2026-01-01T00:00:00Z"},
        {"resource": "hours", "sensors": [1], "since": "2026-01-01T00:00:00"},
        {"resource": "hours", "sensors": [1], "page_size": 1001},
    ],
)
def test_what_cannot_be_asked_for_is_no_contract(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        OpenaqSource.model_validate({"connector": "openaq", **settings})
