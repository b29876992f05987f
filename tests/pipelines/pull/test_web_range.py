"""A body that broke off is continued where that is safe, and begun anew where it is not."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

BODY = bytes(range(256)) * 40
HALF = len(BODY) // 2


def ranged(reply: Any, body: bytes, etag: str, **headers: str) -> Callable[[Any], Any]:
    """A server that hangs up in the middle of the first answer, and keeps to RFC 9110 afterwards."""

    def answer(asked: Any) -> Any:
        if asked.times == 0:
            return reply(body, headers={"ETag": etag}, cut=len(body) - HALF)
        start = int(asked.headers.get("range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        if not start or asked.headers.get("if-range") != etag:
            return reply(body, headers={"ETag": etag})
        told = {"Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}", "ETag": etag, **headers}
        return reply(body[start:], status=206, headers=told)

    return answer


def pulled(puller: Any, city: Any) -> bytes:
    receipt = puller.one("http", url=f"{city.url}/x.csv")
    assert receipt.status == "received"
    return Path(receipt.landing[0]).read_bytes()


def test_only_the_rest_is_asked_for_under_a_strong_etag(puller: Any, city: Any, reply: Any) -> None:
    city.answer = ranged(reply, BODY, '"v1"')
    assert pulled(puller, city) == BODY
    again = city.asked[1].headers
    assert (again["range"], again["if-range"]) == (f"bytes={HALF}-", '"v1"')
    assert again["accept-encoding"] == "identity"


def test_a_weak_etag_is_not_enough(puller: Any, city: Any, reply: Any) -> None:
    city.answer = ranged(reply, BODY, 'W/"v1"')
    assert pulled(puller, city) == BODY
    assert "range" not in city.asked[1].headers


def test_a_file_that_changed_in_between_begins_anew(puller: Any, city: Any, reply: Any) -> None:
    new = b"new" * 2000
    city.answer = lambda asked: (
        reply(BODY, headers={"ETag": '"v1"'}, cut=HALF) if not asked.times else reply(new, headers={"ETag": '"v2"'})
    )
    assert pulled(puller, city) == new


def test_a_packed_body_is_never_continued(puller: Any, city: Any, reply: Any) -> None:
    packed, headers = gzip.compress(BODY), {"ETag": '"v1"', "Content-Encoding": "gzip"}
    city.answer = lambda asked: reply(packed, headers=headers, cut=0 if asked.times else 9)
    assert pulled(puller, city) == BODY
    assert "range" not in city.asked[1].headers


@pytest.mark.parametrize(
    "told",
    [
        {"Content-Range": f"bytes 0-9/{len(BODY)}"},
        {"Content-Range": f"bytes {HALF + 1}-{len(BODY) - 1}/{len(BODY)}"},
        {"ETag": '"v2"'},
        {"Content-Encoding": "gzip"},
        {"Content-Range": ""},
    ],
)
def test_a_part_that_is_not_the_rest_is_thrown_away(puller: Any, city: Any, reply: Any, told: dict[str, str]) -> None:
    good = ranged(reply, BODY, '"v1"')
    bad = ranged(reply, BODY, '"v1"', **told)
    city.answer = lambda asked: bad(asked) if asked.times < 2 else good(asked)
    assert pulled(puller, city) == BODY
    assert "range" not in city.asked[2].headers


def test_a_part_that_nobody_asked_for_is_no_whole(puller: Any, city: Any, reply: Any) -> None:
    part = reply(BODY[:10], status=206, headers={"Content-Range": f"bytes 0-9/{len(BODY)}"})
    city.answer = lambda asked: part
    assert puller.one("http", url=city.url, attempts=2).problem.code == "HTTP_NO_ANSWER"


def test_a_range_beyond_the_end_begins_anew(puller: Any, city: Any, reply: Any) -> None:
    cut = reply(BODY, headers={"ETag": '"v1"'}, cut=HALF)
    answers = [cut, reply(status=416), reply(b"short")]
    city.answer = lambda asked: answers[asked.times]
    assert pulled(puller, city) == b"short"


def test_a_rest_that_is_short_of_the_whole_is_gone_on_with(puller: Any, city: Any, reply: Any) -> None:
    def answer(asked: Any) -> Any:
        if not asked.times:
            return reply(BODY, headers={"ETag": '"v1"'}, cut=HALF)
        start = int(asked.headers["range"].removeprefix("bytes=").rstrip("-"))
        upto = min(len(BODY), start + 3000)
        return reply(BODY[start:upto], status=206, headers={"Content-Range": f"bytes {start}-{upto - 1}/{len(BODY)}"})

    city.answer = answer
    assert pulled(puller, city) == BODY


def test_a_whole_page_that_says_it_failed_is_not_continued(puller: Any, city: Any, reply: Any) -> None:
    failed = reply({"code": 1, "rows": []}, headers={"ETag": '"v1"'})
    city.answer = lambda asked: reply({"code": 0, "rows": []}, headers={"ETag": '"v1"'}) if asked.times else failed
    form = {"type": "json", "records": "rows"}
    assert puller.one("http", url=city.url, format=form, envelope={"field": "code", "success": [0]}).status == (
        "received"
    )
    assert "range" not in city.asked[1].headers
