"""``socrata``: rows by their ids, counts and types as the portal tells them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

DATASET = "abcd-1234"


def served(reply: Any, rows: list[dict[str, Any]], size: int = 2, **headers: Any) -> Any:
    """A dataset that pages by ``:id`` or, where rows have none, by offset."""

    def answer(asked: Any) -> Any:
        if asked.params["$select"].startswith("count"):
            return reply([{"n": str(len(rows))}])
        after = asked.params.get("$where", "").partition(":id > ")[2].strip("'")
        chosen = [row for row in rows if row.get(":id", "~") > after]
        start = int(asked.params.get("$offset", 0))
        return reply(chosen[start : start + size], headers=headers)

    return answer


def test_the_next_page_is_behind_the_last_id(puller: Any, city: Any, reply: Any) -> None:
    city.answer = served(reply, [{":id": f"row-{number}", "a": "1"} for number in range(5)])
    receipt = puller.one("socrata", url=city.url, dataset=DATASET, size=2, where="a = '1' OR b")
    assert (receipt.status, receipt.declared_count, receipt.stored_count) == ("received", 5, 5)
    pages = [asked.params for asked in city.asked if "$order" in asked.params]
    assert {page["$order"] for page in pages} == {":id"}
    assert pages[1]["$where"] == "(a = '1' OR b) AND :id > 'row-1'"
    assert all("$offset" not in page for page in pages)


def test_rows_without_an_id_are_asked_by_offset(puller: Any, city: Any, reply: Any) -> None:
    city.answer = served(reply, [{"a": str(number)} for number in range(5)])
    receipt = puller.one("socrata", url=city.url, dataset=DATASET, size=2)
    assert (receipt.status, receipt.stored_count, receipt.cursor) == ("received", 5, None)
    assert [asked.params["$offset"] for asked in city.asked if "$offset" in asked.params] == ["2", "4"]


def test_fewer_rows_than_declared_are_incomplete_with_both_numbers(puller: Any, city: Any, reply: Any) -> None:
    known = served(reply, [{":id": "row-0", "a": "1"}])
    city.answer = lambda asked: reply([{"n": "7"}]) if "count" in asked.params["$select"] else known(asked)
    receipt = puller.one("socrata", url=city.url, dataset=DATASET)
    assert (receipt.status, receipt.problem.code) == ("incomplete", "COUNT_DIFFERS")
    assert (receipt.declared_count, receipt.stored_count) == (7, 1)


def test_a_row_that_comes_twice_is_detected(puller: Any, city: Any, reply: Any) -> None:
    rows = [{":id": "row-0", "a": "1"}, {":id": "row-0", "a": "2"}]
    city.answer = served(reply, rows)
    receipt = puller.one("socrata", url=city.url, dataset=DATASET, size=2)
    assert (receipt.problem.code, receipt.problem.values["distinct"]) == ("ROWS_SHIFTED", 1)


def test_what_the_headers_say_of_the_columns_is_landed(puller: Any, city: Any, reply: Any) -> None:
    headers: dict[str, Any] = {"X-SODA2-Fields": '["a","b"]', "X-SODA2-Types": '["text","point"]'}
    city.answer = served(reply, [{":id": "row-0", "a": "1"}], **headers)
    receipt = puller.one("socrata", url=city.url, dataset=DATASET)
    head = json.loads(Path(receipt.landing[0]).read_bytes())
    assert head["columns"] == [{"name": "a", "type": "text"}, {"name": "b", "type": "point"}]


@pytest.mark.parametrize("said", ["nonsense", '{"a": 1}', '["a"]'])
def test_headers_that_say_nothing_are_as_none(puller: Any, city: Any, reply: Any, said: str) -> None:
    city.answer = served(reply, [{":id": "row-0"}], **dict[str, Any]({"X-SODA2-Fields": said, "X-SODA2-Types": "[]"}))
    receipt = puller.one("socrata", url=city.url, dataset=DATASET)
    assert receipt.status == "received"
    assert json.loads(Path(receipt.landing[0]).read_bytes())["columns"] == []


def test_version_3_posts_the_same_question(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply([{"n": "1"}] if "count" in asked.body["query"] else [{":id": "row-0"}])
    receipt = puller.one("socrata", url=city.url, dataset=DATASET, version="3", select=["a"], where="b", size=10)
    assert receipt.status == "received"
    (page,) = (asked for asked in city.asked if "ORDER" in asked.body["query"])
    assert (page.method, page.path) == ("POST", f"/api/v3/views/{DATASET}/query.json")
    assert page.body == {
        "query": "SELECT :id,a WHERE (b) ORDER BY :id",
        "page": {"pageNumber": 1, "pageSize": 10},
        "includeSynthetic": False,
    }


def test_a_query_that_still_runs_is_asked_again(puller: Any, city: Any, reply: Any) -> None:
    known = served(reply, [{":id": "row-0"}])
    city.answer = lambda asked: known(asked) if asked.times else reply({}, status=202)
    assert puller.one("socrata", url=city.url, dataset=DATASET).stored_count == 1


def test_nothing_updated_is_unchanged(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: (
        reply([{"n": "1", "latest": "2026-03-01T00:00:00.000Z"}])
        if "count" in asked.params["$select"]
        else reply([{":id": "row-0"}])
    )
    source = {"url": city.url, "dataset": DATASET, "incremental": ":updated_at"}
    puller.commit([puller.one("socrata", **source)])
    assert puller.states[DATASET] == {"updated_at": "2026-03-01T00:00:00.000Z"}
    city.answer = lambda asked: reply([{"n": "0"}])
    assert puller.one("socrata", **source).status == "unchanged"
    assert city.asked[-1].params["$where"] == ":updated_at >= '2026-02-28T23:00:00.000Z'"


def test_an_id_is_four_by_four(puller: Any) -> None:
    with pytest.raises(ValidationError, match="dataset"):
        puller.one("socrata", url="http://127.0.0.1:9", dataset="songs")
