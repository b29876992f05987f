"""``rest_paged``: every page, or the receipt says incomplete."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ENVELOPE = {"field": "code", "success": [0], "message": "msg"}
JSON = {"type": "json", "records": "rows"}


def page(reply: Any, rows: list[Any], **members: Any) -> Any:
    return reply({"code": 0, "rows": rows, **members})


def numbered(reply: Any, total: int, size: int) -> Any:
    rows = [{"n": number} for number in range(total)]

    def answer(asked: Any) -> Any:
        place = (int(asked.params["page"]) - 1) * size
        return page(reply, rows[place : place + size], total=total)

    return answer


def test_pages_by_number_end_at_the_declared_total(puller: Any, city: Any, reply: Any) -> None:
    city.answer = numbered(reply, total=7, size=3)
    paging = {"by": "page", "param": "page", "size_param": "size", "size": 3, "total": "total"}
    receipt = puller.one("rest_paged", url=city.url, format=JSON, paging=paging, envelope=ENVELOPE)
    assert (receipt.status, receipt.declared_count, receipt.stored_count) == ("received", 7, 7)
    assert [asked.params for asked in city.asked] == [{"page": str(n), "size": "3"} for n in (1, 2, 3)]
    assert [len(json.loads(Path(path).read_bytes())["rows"]) for path in receipt.landing] == [3, 3, 1]


def test_pages_by_number_without_a_total_end_at_the_empty_page(puller: Any, city: Any, reply: Any) -> None:
    city.answer = numbered(reply, total=4, size=2)
    receipt = puller.one("rest_paged", url=city.url, format=JSON, paging={"by": "page", "param": "page"})
    assert (receipt.status, receipt.declared_count, receipt.stored_count) == ("received", None, 4)


def test_pages_by_offset_count_what_came(puller: Any, city: Any, reply: Any) -> None:
    sizes = {"0": 3, "3": 2, "5": 1}
    city.answer = lambda asked: page(
        reply, [{"at": asked.params["offset"], "n": n} for n in range(sizes[asked.params["offset"]])], total="6"
    )
    paging = {"by": "offset", "param": "offset", "total": "total"}
    receipt = puller.one("rest_paged", url=city.url, format=JSON, paging=paging)
    assert (receipt.status, receipt.stored_count) == ("received", 6)


def test_pages_by_cursor_follow_the_mark(puller: Any, city: Any, reply: Any) -> None:
    marks = {None: "b", "b": "c", "c": None}
    city.answer = lambda asked: page(
        reply, [asked.params.get("after")], meta={"next": marks[asked.params.get("after")]}
    )
    paging = {"by": "cursor", "param": "after", "next": "meta.next"}
    receipt = puller.one("rest_paged", url=f"{city.url}/x?kind=air", format=JSON, paging=paging)
    assert (receipt.status, receipt.stored_count) == ("received", 3)
    assert all(asked.params["kind"] == "air" for asked in city.asked)


def test_pages_by_link_follow_the_body_or_the_header(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: page(reply, [asked.path], next=None if asked.path == "/2" else "/2?k=1")
    assert (
        puller.one("rest_paged", url=f"{city.url}/1", format=JSON, paging={"by": "link", "next": "next"}).stored_count
        == 2
    )
    city.answer = lambda asked: reply(
        {"rows": [asked.path]}, headers={} if asked.path == "/2" else {"Link": '</2>; rel="next"'}
    )
    assert puller.one("rest_paged", url=f"{city.url}/1", format=JSON, paging={"by": "link"}).stored_count == 2


def test_200_but_failed_is_asked_again_then_told_in_the_servers_words(puller: Any, city: Any, reply: Any) -> None:
    good = numbered(reply, total=4, size=2)
    city.answer = lambda asked: (
        reply({"code": 500, "msg": "系统繁忙"}) if asked.params["page"] == "2" and asked.times < 2 else good(asked)
    )
    paging = {"by": "page", "param": "page", "total": "total"}
    assert puller.one("rest_paged", url=city.url, format=JSON, paging=paging, envelope=ENVELOPE).status == "received"
    city.answer = lambda asked: reply({"code": 1, "msg": "系统繁忙"}) if asked.params["page"] == "2" else good(asked)
    receipt = puller.one("rest_paged", url=f"{city.url}/x", format=JSON, paging=paging, envelope=ENVELOPE, attempts=2)
    assert (receipt.status, receipt.declared_count, receipt.stored_count) == ("incomplete", 4, 2)
    assert receipt.problem.code == "HTTP_FAILED_INSIDE"
    assert (receipt.problem.values["page"], receipt.problem.values["message"]) == (2, "系统繁忙")


def test_fewer_records_than_declared_are_incomplete(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: page(reply, [1, 2] if asked.params["page"] == "1" else [], total=5)
    paging = {"by": "page", "param": "page", "total": "total"}
    receipt = puller.one("rest_paged", url=city.url, format=JSON, paging=paging)
    assert (receipt.status, receipt.declared_count, receipt.stored_count) == ("incomplete", 5, 2)
    assert receipt.problem.code == "COUNT_DIFFERS"


def test_a_page_that_comes_twice_is_known_even_under_another_time(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: page(reply, [{"n": 1}, {"n": 2}], total=9, now=asked.params["page"])
    paging = {"by": "page", "param": "page", "total": "total"}
    receipt = puller.one("rest_paged", url=city.url, format=JSON, paging=paging)
    assert (receipt.status, receipt.problem.code, receipt.problem.values["page"]) == ("incomplete", "PAGE_REPEATED", 2)
    assert (len(receipt.landing), receipt.stored_count) == (1, 2)


def test_links_in_a_circle_and_without_end_are_stopped(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: page(reply, [len(city.asked)], next=f"/{len(city.asked) % 3}")
    paging: dict[str, Any] = {"by": "link", "next": "next"}
    assert puller.one("rest_paged", url=f"{city.url}/0", format=JSON, paging=paging).problem.code == "PAGE_LOOP"
    city.answer = lambda asked: page(reply, [len(city.asked)], next=f"/{len(city.asked)}")
    endless = puller.one("rest_paged", url=f"{city.url}/0", format=JSON, paging={**paging, "max_pages": 5})
    assert (endless.status, endless.problem.code, len(endless.landing)) == ("incomplete", "PAGES_ENDLESS", 5)


def test_a_link_to_another_origin_is_not_followed(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: page(reply, [1], next="http://127.0.0.1:9/steal?x=1")
    problem = puller.one("rest_paged", url=city.url, format=JSON, paging={"by": "link", "next": "next"}).problem
    assert (problem.code, problem.values["link"]) == ("LINK_LEAVES", "http://127.0.0.1:9/steal")
