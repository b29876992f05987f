"""A pull that broke off goes on at its page; where that would not be the same pull any more, it begins anew."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.wrong_clock import clock_off_by

JSON = {"type": "json", "records": "rows"}
PAGING: dict[str, Any] = {"by": "page", "param": "page", "size_param": "size", "size": 2, "total": "total"}


class Table:
    """Rows in pages; the server is down from page ``breaks`` on."""

    def __init__(self, reply: Any, count: int = 8) -> None:
        self.reply, self.rows, self.breaks = reply, list(range(count)), 0
        self.twice: int | None = None

    def __call__(self, asked: Any) -> Any:
        page, size = int(asked.params["page"]), int(asked.params["size"])
        if self.breaks and page >= self.breaks:
            return self.reply(status=503)
        page = page - 1 if page == self.twice else page
        return self.reply({"rows": self.rows[(page - 1) * size : page * size], "total": len(self.rows)})


@pytest.fixture
def table(city: Any, reply: Any) -> Table:
    city.answer = Table(reply)
    return city.answer  # type: ignore[no-any-return]


def pulled(puller: Any, city: Any, **changed: Any) -> tuple[Any, list[str]]:
    """The receipt, and the pages that were asked for; what broke off is left to the next pull."""
    before = len(city.asked)
    settings = {"url": city.url, "format": JSON, "paging": PAGING, "attempts": 1, **changed}
    receipt = puller.one("rest_paged", **settings)
    puller.unfinished.clear()
    puller.leave([receipt])
    return receipt, [asked.params["page"] for asked in city.asked[before:]]


def broken_off(puller: Any, city: Any, table: Table, **changed: Any) -> Any:
    table.breaks = 3
    receipt, pages = pulled(puller, city, **changed)
    assert (receipt.status, receipt.problem.code, pages) == ("incomplete", "HTTP_REFUSED", ["1", "2", "3"])
    assert (receipt.declared_count, receipt.stored_count) == (8, 4)
    table.breaks = 0
    return receipt


def landed(receipt: Any) -> list[int]:
    return [row for path in receipt.landing for row in json.loads(Path(path).read_bytes())["rows"]]


def test_the_rest_alone_is_asked_for_after_a_look_at_the_last_page(puller: Any, city: Any, table: Table) -> None:
    broken_off(puller, city, table)
    receipt, pages = pulled(puller, city)
    assert (receipt.status, landed(receipt), pages) == ("received", table.rows, ["2", "3", "4"])
    assert (receipt.declared_count, receipt.stored_count, receipt.cursor) == (8, 8, None)


def test_it_may_break_off_again(puller: Any, city: Any, table: Table) -> None:
    broken_off(puller, city, table)
    table.breaks = 4
    assert pulled(puller, city)[1] == ["2", "3", "4"]
    table.breaks = 0
    receipt, pages = pulled(puller, city)
    assert (receipt.status, landed(receipt), pages) == ("received", table.rows, ["3", "4"])


def test_other_settings_an_old_pull_or_lost_pages_begin_anew(puller: Any, city: Any, table: Table) -> None:
    every = ["1", "2", "3", "4"]
    broken_off(puller, city, table)
    assert pulled(puller, city, params={"kind": "air"})[1] == every

    broken_off(puller, city, table)
    for name, left in puller.unfinished.items():
        puller.unfinished[name] = type(left)(left.requested_at - timedelta(hours=2), left.landing, left.cursor)
    assert pulled(puller, city)[1] == every

    receipt = broken_off(puller, city, table)
    Path(receipt.landing[0]).unlink()
    assert pulled(puller, city)[1] == every

    broken_off(puller, city, table, resume_s=0)
    assert pulled(puller, city, resume_s=0)[1] == every


@pytest.mark.parametrize(
    ("shift", "code"),
    [
        (lambda rows: rows.insert(0, 99), "PAGE_CHANGED"),
        (lambda rows: rows.pop(0), "PAGE_CHANGED"),
        (lambda rows: (rows.pop(0), rows.append(99)), "PAGE_CHANGED"),
        (lambda rows: rows.append(99), "ROWS_SHIFTED"),
        (lambda rows: rows.pop(), "ROWS_SHIFTED"),
    ],
)
def test_rows_that_moved_in_between_are_noticed_and_the_next_pull_begins_anew(
    puller: Any, city: Any, table: Table, shift: Any, code: str
) -> None:
    broken_off(puller, city, table)
    shift(table.rows)
    receipt, _ = pulled(puller, city)
    assert (receipt.status, receipt.problem.code, receipt.cursor) == ("incomplete", code, None)
    receipt, pages = pulled(puller, city)
    assert (receipt.status, landed(receipt), pages[0]) == ("received", table.rows, "1")


def test_a_page_of_the_earlier_pull_is_known_when_it_comes_again(puller: Any, city: Any, table: Table) -> None:
    broken_off(puller, city, table)
    table.twice = 3
    receipt, _ = pulled(puller, city)
    assert (receipt.status, receipt.problem.code, receipt.cursor) == ("incomplete", "PAGE_REPEATED", None)


def test_what_must_be_read_twice_begins_anew(puller: Any, city: Any, table: Table) -> None:
    paging = {**PAGING, "verify": "reread"}
    broken_off(puller, city, table, paging=paging)
    receipt, pages = pulled(puller, city, paging=paging)
    assert (receipt.status, receipt.proof) == ("received", "reread")
    assert pages == ["1", "2", "3", "4", "4", "3", "2", "1"]


def test_a_place_that_holds_a_key_is_not_kept(
    puller: Any, city: Any, reply: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITYLAKE_CONN_CITY_API", json.dumps({"params": {"appkey": "hush-hush"}}))
    city.answer = lambda asked: (
        reply(status=503) if asked.path == "/3" else reply({"rows": [asked.path], "next": "/3?k=hush-hush", "n": 3})
    )
    receipt = puller.one(
        "rest_paged",
        url=f"{city.url}/1",
        format=JSON,
        paging={"by": "link", "next": "next", "total": "n"},
        connection="city_api",
        attempts=1,
    )
    assert (receipt.status, receipt.cursor) == ("incomplete", None)


def test_parts_whose_age_is_unknown_are_asked_for_again(puller: Any, city: Any, table: Table) -> None:
    broken_off(puller, city, table)
    with clock_off_by(timedelta(minutes=-5)):  # set back, or another worker's
        receipt, pages = pulled(puller, city)
    assert (receipt.status, pages) == ("received", ["1", "2", "3", "4"])
