"""What is no answer is not taken for one: "unchanged" that was not asked for, redirects to nowhere, broken links."""

from __future__ import annotations

from typing import Any

import pytest

LINKED: dict[str, Any] = {
    "format": {"type": "json", "records": "rows"},
    "paging": {"by": "link", "next": "next"},
    "attempts": 2,
}


def test_unchanged_is_no_answer_to_who_did_not_ask_whether_anything_changed(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply(status=304)
    receipt = puller.one("http", url=f"{city.url}/x.csv", attempts=2)
    assert (receipt.status, receipt.problem.code, receipt.problem.values["status"]) == ("failed", "HTTP_REFUSED", 304)
    assert len(city.asked) == 2


def test_a_page_that_is_said_to_be_unchanged_does_not_make_the_pull_unchanged(
    puller: Any, city: Any, reply: Any
) -> None:
    pages: dict[str, Any] = {"": {"rows": [{"a": 1}], "next": "?p=2"}, "2": {"rows": [{"a": 2}]}}
    city.answer = lambda asked: reply(pages[asked.params.get("p", "")])
    puller.commit([puller.one("rest_paged", url=f"{city.url}/x", **LINKED)])
    pages[""]["rows"] = [{"a": 3}]
    city.answer = lambda asked: reply(status=304) if "p" in asked.params else reply(pages[""])
    receipt = puller.one("rest_paged", url=f"{city.url}/x", **LINKED)
    assert (receipt.status, receipt.problem.code) == ("incomplete", "HTTP_REFUSED")


@pytest.mark.parametrize("status", [300, 302, 305])
def test_a_redirect_without_a_target_is_no_data(puller: Any, city: Any, reply: Any, status: int) -> None:
    city.answer = lambda asked: reply(b"a\n1\n", status=status)
    receipt = puller.one("http", url=f"{city.url}/x.csv")
    assert (receipt.status, receipt.problem.code) == ("failed", "HTTP_REFUSED")
    assert receipt.problem.values["status"] == status


@pytest.mark.parametrize("link", ["http://127.0.0.1:99999/x", "http://[::1/x", "//[/x"])
def test_a_next_link_that_is_no_address_is_told(puller: Any, city: Any, reply: Any, link: str) -> None:
    city.answer = lambda asked: reply({"rows": [{"a": 1}], "next": link})
    receipt = puller.one("rest_paged", url=f"{city.url}/x", **LINKED)
    assert (receipt.status, receipt.problem.code) == ("incomplete", "LINK_LEAVES")


@pytest.mark.parametrize("links", ["verbatim", "rebase"])
def test_a_next_link_of_observations_that_is_no_address_is_told(puller: Any, city: Any, reply: Any, links: str) -> None:
    city.answer = lambda asked: reply({"value": [{"@iot.id": 1}], "@iot.nextLink": "http://[::1/x"})
    receipt = puller.one("sensorthings", url=f"{city.url}/v1.1", datastreams=[1], links=links)
    assert (receipt.status, receipt.problem.code) == ("incomplete", "LINK_LEAVES")


@pytest.mark.parametrize("url", ["http://[::1/x", "http://127.0.0.1:99999/x"])
def test_a_file_of_a_portal_that_is_at_no_address_is_told(puller: Any, city: Any, reply: Any, url: str) -> None:
    city.answer = lambda asked: reply({"success": True, "result": {"url": url}})
    receipt = puller.one("ckan", url=city.url, resource="r", mode="file", format="csv", redirects="any")
    assert (receipt.status, receipt.problem.code) == ("failed", "HTTP_REDIRECTED")


def test_a_web_page_where_a_file_should_be_is_asked_for_again_and_not_landed(
    puller: Any, city: Any, reply: Any
) -> None:
    page = reply(b"<html><title>Login</title></html>")
    city.answer = lambda asked: reply(b"a\n1\n") if asked.times else page
    assert puller.one("http", url=f"{city.url}/x.csv").status == "received"
    city.answer = lambda asked: page
    receipt = puller.one("http", url=f"{city.url}/y.csv", attempts=2)
    assert (receipt.status, receipt.problem.code, receipt.landing) == ("failed", "FILE_IS_HTML", ())
