"""How a paged pull knows that it is whole, one case at a time."""

from __future__ import annotations

from typing import Any

import pytest

JSON = {"type": "json", "records": "rows"}
PAGING: dict[str, Any] = {"by": "page", "param": "page"}


def served(city: Any, reply: Any, pages: list[list[Any]], **members: Any) -> None:
    """``pages`` by number, nothing past their end."""

    def answer(asked: Any) -> Any:
        place = int(asked.params["page"]) - 1
        return reply({"rows": pages[place] if place < len(pages) else [], **members})

    city.answer = answer


def pulled(puller: Any, city: Any, **paging: Any) -> tuple[Any, list[str]]:
    receipt = puller.one("rest_paged", url=city.url, format=JSON, paging={**PAGING, **paging})
    return receipt, [asked.params["page"] for asked in city.asked]


def test_without_a_count_every_page_is_read_again_the_last_one_first(puller: Any, city: Any, reply: Any) -> None:
    served(city, reply, [[1, 2], [3]])
    receipt, asked = pulled(puller, city)
    assert (receipt.status, receipt.proof, asked) == ("received", "reread", ["1", "2", "3", "3", "2", "1"])


def test_with_a_count_on_every_page_nothing_is_read_twice(puller: Any, city: Any, reply: Any) -> None:
    served(city, reply, [[1, 2], [3]], total=3)
    receipt, asked = pulled(puller, city, total="total")
    assert (receipt.status, receipt.proof, asked) == ("received", "count", ["1", "2"])


@pytest.mark.parametrize("told", ["1,234", ">1000", None, True, 2.5])
def test_a_count_that_is_none_is_no_proof(puller: Any, city: Any, reply: Any, told: Any) -> None:
    served(city, reply, [[1, 2]], total=told)
    receipt, _ = pulled(puller, city, total="total")
    assert (receipt.status, receipt.proof, receipt.declared_count) == ("received", "reread", None)


def test_the_contract_may_trust_the_end(puller: Any, city: Any, reply: Any) -> None:
    served(city, reply, [[1, 2], [3]])
    receipt, asked = pulled(puller, city, verify="none")
    assert (receipt.status, receipt.proof, asked) == ("received", "last_page", ["1", "2", "3"])


def test_a_record_on_two_pages_is_read_again_and_leaves_the_pull_unproven(puller: Any, city: Any, reply: Any) -> None:
    served(city, reply, [[1, 2], [2, 3]], total=4)
    receipt, asked = pulled(puller, city, total="total")
    assert (receipt.status, receipt.proof, asked) == ("received", "unordered", ["1", "2", "2", "1"])
    (notice,) = receipt.notices
    assert (notice.code, notice.values["stored"], notice.values["repeats"]) == ("PAGES_UNORDERED", 4, 1)


def test_twins_on_one_page_are_no_suspicion(puller: Any, city: Any, reply: Any) -> None:
    served(city, reply, [[1, 1], [2, 3]], total=4)
    assert pulled(puller, city, total="total")[0].proof == "count"


def test_a_row_pushed_over_the_pages_end_while_another_left_is_told(puller: Any, city: Any, reply: Any) -> None:
    states = [[1, 2, 3, 4], [0, 1, 2, 3]]

    def answer(asked: Any) -> Any:
        rows, page = states[len(city.asked) > 1], int(asked.params["page"])
        return reply({"rows": rows[page * 2 - 2 : page * 2], "total": 4})

    city.answer = answer
    receipt, _ = pulled(puller, city, total="total")
    assert (receipt.status, receipt.problem.code, receipt.problem.values["page"]) == ("incomplete", "PAGE_CHANGED", 1)
    assert (receipt.declared_count, receipt.stored_count) == (4, 4)


def test_a_key_that_comes_twice_is_told_at_once(puller: Any, city: Any, reply: Any) -> None:
    pages: list[list[Any]] = [[{"id": 1, "at": 1}, {"id": 2, "at": 1}], [{"id": 2, "at": 9}, {"id": None, "at": 1}]]
    served(city, reply, pages, total=4)
    receipt, asked = pulled(puller, city, total="total", key="id")
    assert (receipt.status, receipt.problem.code, asked) == ("incomplete", "ROWS_SHIFTED", ["1", "2"])
    assert (receipt.problem.values["stored"], receipt.problem.values["distinct"]) == (4, 3)


def test_a_key_may_have_parts_and_records_without_it_are_let_be(puller: Any, city: Any, reply: Any) -> None:
    pages = [[{"id": 1, "at": 1}, {"id": None, "at": 1}], [{"id": 1, "at": 2}, {"id": None, "at": 1}]]
    served(city, reply, pages, total=4)
    receipt, _ = pulled(puller, city, total="total", key=["id", "at"])
    assert (receipt.status, receipt.proof) == ("received", "count")


def test_a_count_that_changes_on_any_page_is_told(puller: Any, city: Any, reply: Any) -> None:
    totals = {"1": 6, "2": 7, "3": 6}
    city.answer = lambda asked: reply(
        {"rows": [asked.params["page"], asked.params["page"] + "b"], "total": totals[asked.params["page"]]}
    )
    receipt, _ = pulled(puller, city, total="total")
    assert (receipt.status, receipt.problem.code) == ("incomplete", "ROWS_SHIFTED")
    assert (receipt.problem.values["before"], receipt.problem.values["after"]) == (6, 7)


@pytest.mark.parametrize("pages", [[[1, 2], [3], [4, 5]], [[1], [2, 3], [4]]])
def test_a_short_page_before_the_last_is_told(puller: Any, city: Any, reply: Any, pages: list[list[int]]) -> None:
    served(city, reply, pages)
    assert pulled(puller, city)[0].problem.code == "PAGE_UNEVEN"
