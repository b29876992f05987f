"""A packed body comes whole or not at all: its length on the wire says nothing about what is in it."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import Any

import pytest

BODY = b"a\n" + b"\n".join(b"%d" % number for number in range(400_000)) + b"\n"
GZIP = gzip.compress(BODY)
WHOLE = {
    "gzip": GZIP,
    "GZIP": GZIP,
    "x-gzip": gzip.compress(BODY[:1000]) + gzip.compress(BODY[1000:]) + bytes(70_000),
    "deflate": zlib.compress(BODY),
    "utf-8": BODY,
    "": BODY,
}


def pulled(puller: Any, city: Any, answer: Any) -> Any:
    city.answer = lambda asked: answer
    return puller.one("http", url=f"{city.url}/x.csv", attempts=2)


@pytest.mark.parametrize("packing", WHOLE)
def test_what_is_packed_is_unpacked_to_its_end(puller: Any, city: Any, reply: Any, packing: str) -> None:
    receipt = pulled(puller, city, reply(WHOLE[packing], headers={"Content-Encoding": packing}))
    assert Path(receipt.landing[0]).read_bytes() == BODY


@pytest.mark.parametrize(
    ("packing", "sent", "why"),
    [
        ("gzip", GZIP[: len(GZIP) // 2], "ends too early"),
        ("gzip", GZIP[:-1], "ends too early"),
        ("gzip", gzip.compress(BODY[:9]) + GZIP[:-9], "ends too early"),
        ("gzip", GZIP[:-8] + bytes(8), "incorrect data check"),
        ("gzip", BODY, "incorrect header check"),
        ("deflate", zlib.compress(BODY)[:5000], "ends too early"),
        ("br", GZIP, "packed as br"),
    ],
)
def test_what_is_cut_within_its_packing_is_told(
    puller: Any, city: Any, reply: Any, packing: str, sent: bytes, why: str
) -> None:
    receipt = pulled(puller, city, reply(sent, headers={"Content-Encoding": packing}))
    assert (receipt.status, receipt.problem.code, receipt.landing) == ("failed", "HTTP_NO_ANSWER", ())
    assert why in receipt.problem.values["reason"]
    assert len(city.asked) == 2


def test_a_small_body_that_unpacks_without_end_is_stopped(puller: Any, city: Any, reply: Any) -> None:
    bomb = reply(gzip.compress(bytes(50_000_000)), headers={"Content-Encoding": "gzip"})
    city.answer = lambda asked: bomb
    receipt = puller.one("http", url=f"{city.url}/x.csv", max_bytes=3_000_000)
    assert (receipt.status, receipt.problem.code) == ("failed", "SOURCE_TOO_LARGE")
