"""Polite and in time: turns a host, the server's own wishes, a deadline, and bounds."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from citylake.pipelines.pull.http.rate_limit import (
    MAX_WAIT_S,
    TransientError,
    note_rate_limit,
    parse_retry_after,
    should_retry,
    throttle_host,
)

JSON = {"type": "json", "records": "rows"}
PAGING = {"by": "page", "param": "page", "total": "total"}


def later(seconds: float) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        (lambda: {"retry-after": "7"}, 7, 7),
        (lambda: {"retry-after": later(30)}, 28, 30),
        (lambda: {"retry-after": later(-30)}, 0, 0),
        (lambda: {"x-ratelimit-reset": "12"}, 12, 12),
        (lambda: {"x-ratelimit-reset": str(int(time.time()) + 3600)}, 3590, 3601),
    ],
)
def test_the_wait_that_a_server_asks_for_is_understood(
    headers: Callable[[], dict[str, str]], least: float, most: float
) -> None:
    wait = parse_retry_after(headers())
    assert wait is not None
    assert least <= wait <= most


@pytest.mark.parametrize("said", ["", "soon", "-1", "1.5 hours"])
def test_what_is_no_wait_is_none(said: str) -> None:
    assert parse_retry_after({"retry-after": said}) is None


def test_a_passing_fault_waits_as_asked_but_not_for_too_long() -> None:
    fault = TransientError("HTTP_REFUSED")
    assert should_retry(fault) is True
    fault.after_s = 3.0
    assert should_retry(fault) == 3.0
    fault.after_s = MAX_WAIT_S + 1
    assert should_retry(fault) is False
    assert should_retry(ValueError()) is False


def test_requests_to_one_host_are_spread_whoever_asks(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply(b"a\n")
    began = time.monotonic()
    for name in ("a", "b", "c"):
        assert puller.one("http", url=f"{city.url}/{name}", per_second=5).status == "received"
    assert time.monotonic() - began >= 0.4


def test_a_host_without_allowance_rests_until_it_is_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    rested: list[float] = []
    monkeypatch.setattr("citylake.pipelines.pull.http.rate_limit.time.sleep", rested.append)
    note_rate_limit("rests.example", {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "30"})
    note_rate_limit("goes-on.example", {"x-ratelimit-remaining": "3", "x-ratelimit-reset": "30"})
    throttle_host("goes-on.example", 1000)
    assert rested == []
    throttle_host("rests.example", 1000)
    assert 29 < rested[0] <= 30


def test_a_pull_ends_at_its_deadline_and_keeps_its_place(puller: Any, city: Any, reply: Any) -> None:
    def answer(asked: Any) -> Any:
        time.sleep(0.2)
        page = int(asked.params["page"])
        return reply({"rows": [{"n": page}], "total": 50})

    city.answer = answer
    receipt = puller.one("rest_paged", url=city.url, format=JSON, paging=PAGING, deadline_s=0.5)
    assert (receipt.status, receipt.problem.code, receipt.declared_count) == ("incomplete", "PULL_TOO_LONG", 50)
    assert receipt.cursor["pages"] == receipt.stored_count < 50


def test_a_small_body_that_unpacks_to_a_huge_one_is_stopped(puller: Any, city: Any, reply: Any) -> None:
    bomb = gzip.compress(b'{"rows": [' + b" " * 200_000_000 + b"]}", 1)
    assert len(bomb) < 2_000_000
    city.answer = lambda asked: reply(bomb, headers={"Content-Encoding": "gzip"})
    for limit in ("max_bytes", "max_page_bytes"):
        receipt = puller.one("rest_paged", url=city.url, format=JSON, paging=PAGING, **{limit: 5_000_000})
        assert (receipt.status, receipt.problem.code) == ("failed", "SOURCE_TOO_LARGE")
        assert receipt.problem.values["limit"] == 5_000_000


def test_the_pages_of_a_pull_share_one_limit(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply({"rows": [asked.params["page"] * 1000], "total": 9})
    receipt = puller.one("rest_paged", url=city.url, format=JSON, paging=PAGING, max_bytes=3000)
    assert (receipt.status, receipt.problem.code, receipt.stored_count) == ("incomplete", "SOURCE_TOO_LARGE", 2)
