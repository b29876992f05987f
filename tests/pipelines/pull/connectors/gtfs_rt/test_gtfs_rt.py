"""``gtfs_rt``: one whole, stamped message, or told; and the same manners as every connector over HTTP."""

from __future__ import annotations

import json
import logging
import pickle
from typing import Any

import pytest
from google.transit.gtfs_realtime_pb2 import FeedMessage

FORMAT = {"type": "gtfs_rt", "rows": "vehicles"}


def body(stamp: int = 1_772_294_400, name: str = "v") -> bytes:
    message = FeedMessage()
    message.header.gtfs_realtime_version, message.header.timestamp = "2.0", stamp
    message.entity.add(id=name).vehicle.vehicle.id = name
    return bytes(message.SerializeToString())


def test_a_cut_message_is_asked_for_again(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply(body()[:-2] if asked.times < 2 else body())
    receipt = puller.one("gtfs_rt", url=f"{city.url}/vehicles.pb", format=FORMAT)
    assert (receipt.status, receipt.proof, receipt.name, len(city.asked)) == ("received", "snapshot", "vehicles.pb", 3)


def test_changes_alone_are_not_asked_for_again(puller: Any, city: Any, reply: Any) -> None:
    message = FeedMessage.FromString(body())
    message.header.incrementality = message.header.DIFFERENTIAL
    city.answer = lambda asked: reply(message.SerializeToString())
    receipt = puller.one("gtfs_rt", url=city.url, format=FORMAT)
    assert (receipt.status, receipt.problem.code, len(city.asked)) == ("failed", "GTFS_RT_DIFFERENTIAL", 1)


def test_the_next_pull_asks_with_what_the_server_called_the_last(puller: Any, city: Any, reply: Any) -> None:
    since = "Sun, 01 Mar 2026 00:00:00 GMT"
    city.answer = lambda asked: reply(body(), headers={"ETag": '"x"', "Last-Modified": since})
    receipt = puller.one("gtfs_rt", url=city.url, format=FORMAT)
    assert receipt.state == {"etag": '"x"', "last_modified": since, "stamp": "1772294400"}
    puller.one("gtfs_rt", url=city.url, format=FORMAT)
    assert "if-none-match" not in city.asked[-1].headers
    puller.commit([receipt])
    city.answer = lambda asked: reply(status=304)
    assert puller.one("gtfs_rt", url=city.url, format=FORMAT).status == "unchanged"
    asked = city.asked[-1].headers
    assert (asked["if-none-match"], asked["if-modified-since"]) == ('"x"', since)


def test_new_bytes_under_the_old_time_are_told(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply(body(name=str(len(city.asked))))
    puller.commit([puller.one("gtfs_rt", url=city.url, format=FORMAT)])
    (notice,) = puller.one("gtfs_rt", url=city.url, format=FORMAT).notices
    assert (notice.code, notice.values["stamp"]) == ("STAMP_REPEATED", "1772294400")
    city.answer = lambda asked: reply(body(stamp=1_772_294_430))
    assert puller.one("gtfs_rt", url=city.url, format=FORMAT).notices == ()


def test_a_message_over_the_limit_is_refused(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply(body() + bytes(50_000))
    assert puller.one("gtfs_rt", url=city.url, format=FORMAT, max_bytes=10_000).problem.code == "SOURCE_TOO_LARGE"


SOURCES: dict[str, Any] = {
    "gtfs": {"format": {"type": "gtfs", "table": "stops"}},
    "gtfs_rt": {"format": FORMAT},
    "datex2": {"site_table": "sites.xml"},
}


@pytest.mark.parametrize("connector", SOURCES)
@pytest.mark.parametrize(
    ("status", "page"), [(200, b"no feed for %s"), (200, b"<html><title>%s</title>"), (401, b"%s")]
)
def test_credentials_are_sent_and_never_shown(
    puller: Any,
    city: Any,
    reply: Any,
    connector: str,
    status: int,
    page: bytes,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    held = {"headers": {"X-Key": "hush-hush"}, "params": {"key": "hush-hush"}}
    monkeypatch.setenv("CITYLAKE_CONN_TRANSIT", json.dumps(held))
    caplog.set_level(logging.DEBUG)

    def answer(asked: Any) -> Any:
        assert (asked.headers["x-key"], asked.params["key"]) == ("hush-hush", "hush-hush")
        return reply(page % b"hush-hush", status=status)

    city.answer = answer
    receipt = puller.one(connector, url=f"{city.url}/feed", connection="transit", attempts=2, **SOURCES[connector])
    assert (receipt.status, bool(city.asked)) == ("failed", True)
    told = repr(receipt) + caplog.text + repr([record.__dict__ for record in caplog.records])
    assert "hush-hush" not in told
    assert b"hush-hush" not in pickle.dumps(receipt)
