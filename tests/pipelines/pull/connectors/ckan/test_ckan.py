"""``ckan``: what the portal says is kept apart from what it proves, and credentials stay with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

FIELDS = [{"id": "_id", "type": "int"}, {"id": "a", "type": "text"}]
TABLE = {"resource": "r", "mode": "datastore"}


def action(reply: Any, result: dict[str, Any], **members: Any) -> Any:
    return reply({"help": "?", "success": True, "result": result, **members})


def portal(reply: Any, total: int, *, cap: int = 2, **told: Any) -> Any:
    """A datastore of ``total`` rows without paging by key."""
    rows = [{"_id": number, "a": f"v{number}"} for number in range(1, total + 1)]

    def answer(asked: Any) -> Any:
        limit, offset = min(int(asked.params["limit"]), cap), int(asked.params.get("offset", 0))
        page = {"fields": FIELDS, "records": rows[offset : offset + limit], "limit": limit, "total": total, **told}
        return action(reply, page)

    return answer


def test_the_portals_own_limit_counts_not_the_one_that_was_asked(puller: Any, city: Any, reply: Any) -> None:
    city.answer = portal(reply, total=5)
    receipt = puller.one("ckan", url=city.url, size=1000, **TABLE)
    assert (receipt.status, receipt.declared_count, receipt.stored_count) == ("received", 5, 5)
    assert [asked.params.get("offset", "0") for asked in city.asked] == ["0", "0", "2", "4", "0"]
    assert {asked.params["sort"] for asked in city.asked if asked.params["limit"] != "0"} == {"_id"}


def test_an_estimated_total_proves_nothing(puller: Any, city: Any, reply: Any) -> None:
    city.answer = portal(reply, total=4, total_was_estimated=True)
    receipt = puller.one("ckan", url=city.url, **TABLE)
    assert (receipt.status, receipt.declared_count, receipt.stored_count) == ("received", None, 4)
    assert receipt.proof == "last_page"


def test_fewer_rows_than_declared_are_incomplete_with_both_numbers(puller: Any, city: Any, reply: Any) -> None:
    city.answer = portal(reply, total=3)
    whole = city.answer
    city.answer = lambda asked: whole(asked) if asked.params["limit"] != "0" else action(reply, {"total": 9})
    receipt = puller.one("ckan", url=city.url, **TABLE)
    assert (receipt.status, receipt.problem.code) == ("incomplete", "COUNT_DIFFERS")
    assert (receipt.declared_count, receipt.stored_count) == (9, 3)


def test_pages_without_end_are_stopped(puller: Any, city: Any, reply: Any) -> None:
    def answer(asked: Any) -> Any:
        number = len(city.asked)
        page = {"fields": FIELDS, "records": [{"_id": number, "a": "x"}], "total": 99, "total_was_estimated": True}
        return action(reply, {**page, "next_page": {"filters": {"_id": {"gt": number}}}})

    city.answer = answer
    receipt = puller.one("ckan", url=city.url, max_pages=5, **TABLE)
    assert (receipt.status, receipt.problem.code) == ("incomplete", "PAGES_ENDLESS")


REFUSALS = [
    (403, {"__type": "Authorization Error", "message": "Access denied"}, "Authorization Error: Access denied"),
    (404, {"message": "Não encontrado", "__type": "Not Found Error"}, "Not Found Error: Não encontrado"),
    (409, {"limit": ["Invalid integer"], "__type": "Validation Error"}, "Validation Error: limit: Invalid integer"),
]


@pytest.mark.parametrize(("status", "error", "message"), REFUSALS)
def test_refusals_are_told_apart_and_asked_once(
    puller: Any, city: Any, reply: Any, status: int, error: Any, message: str
) -> None:
    city.answer = lambda asked: reply({"help": "?", "success": False, "error": error}, status=status)
    problem = puller.one("ckan", url=city.url, **TABLE).problem
    assert (problem.code, problem.values["status"], problem.values["message"]) == ("HTTP_REFUSED", status, message)
    assert len(city.asked) == 1


@pytest.mark.parametrize(("error", "times"), [({"__type": "Not Found Error", "message": "no"}, 1), (None, 2)])
def test_a_failure_under_200_is_one_and_is_asked_again_only_where_it_may_heal(
    puller: Any, city: Any, reply: Any, error: Any, times: int
) -> None:
    city.answer = lambda asked: reply({"success": False, **({"error": error} if error else {})})
    problem = puller.one("ckan", url=city.url, attempts=2, **TABLE).problem
    assert (problem.code, len(city.asked)) == ("HTTP_FAILED_INSIDE", times)
    assert problem.values["message"] == ("Not Found Error: no" if error else "success = False")


def resource(url: str, **more: Any) -> dict[str, Any]:
    return {"id": "r", "name": "cases", "url": url, "format": "CSV", "datastore_active": False, **more}


def test_a_resource_is_found_by_its_name_or_its_neighbours_are_told(puller: Any, city: Any, reply: Any) -> None:
    twice = [resource("/x.csv"), resource("/y.csv", name="twice"), resource("/z.csv", name="twice")]
    city.answer = lambda asked: (
        action(reply, {"resources": twice}) if "package_show" in asked.path else reply(b"a\n1\n")
    )
    receipt = puller.one("ckan", url=city.url, package="p", name="cases", format="csv")
    assert (receipt.status, Path(receipt.landing[0]).name) == ("received", "file-x.csv")
    for name, found in (("none", 0), ("twice", 2)):
        problem = puller.one("ckan", url=city.url, package="p", name=name, format="csv").problem
        assert (problem.code, problem.values["found"]) == ("RESOURCE_UNKNOWN", found)
        assert "cases" in problem.values["names"]


def test_a_table_that_is_a_part_of_its_file_is_not_taken_for_the_whole(puller: Any, city: Any, reply: Any) -> None:
    part = resource("/x.csv", datastore_active=True, datastore_contains_all_records_of_source_file=False)
    city.answer = lambda asked: action(reply, part) if "resource_show" in asked.path else reply(b"a\n1\n")
    assert Path(puller.one("ckan", url=city.url, resource="r", format="csv").landing[0]).name == "file-x.csv"
    assert puller.one("ckan", url=city.url, resource="r").problem.code == "RESOURCE_NO_TABLE"


def test_a_file_that_has_not_changed_is_not_sent_again(puller: Any, city: Any, reply: Any) -> None:
    def answer(asked: Any) -> Any:
        if "resource_show" in asked.path:
            return action(reply, resource("/x.csv"))
        same = asked.headers.get("if-none-match") == '"v1"'
        return reply(status=304) if same else reply(b"a\n1\n", headers={"ETag": '"v1"'})

    city.answer = answer
    receipt = puller.one("ckan", url=city.url, resource="r", format="csv")
    puller.commit([receipt])
    assert puller.one("ckan", url=city.url, resource="r", format="csv").status == "unchanged"


def test_a_file_elsewhere_needs_leave_and_gets_no_credentials(
    puller: Any, city: Any, reply: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITYLAKE_CONN_PORTAL", json.dumps({"headers": {"Authorization": "hush-hush"}}))
    away = city.url.replace("127.0.0.1", "localhost")
    city.answer = lambda asked: (
        action(reply, resource(f"{away}/x.csv?sig=s3cret")) if "show" in asked.path else reply(b"a\n1\n")
    )
    source = {"url": city.url, "resource": "r", "format": "csv", "connection": "portal"}
    refused = puller.one("ckan", **source)
    assert (refused.problem.code, refused.problem.values["target"]) == ("HTTP_REDIRECTED", f"{away}/x.csv")
    taken = puller.one("ckan", redirects="any", **source)
    assert taken.status == "received"
    assert [asked.headers.get("authorization") for asked in city.asked] == ["hush-hush", "hush-hush", None]
    assert "hush" not in repr((refused, taken))
    assert "s3cret" not in repr((refused, taken))


def test_ranges_that_an_old_portal_does_not_know_are_told(puller: Any, city: Any, reply: Any) -> None:
    city.answer = portal(reply, total=1)
    puller.commit([puller.one("ckan", url=city.url, incremental="_id", **TABLE)])
    known = city.answer
    error = {"__type": "Validation Error", "query": ["invalid input syntax"]}
    city.answer = lambda asked: (
        reply({"success": False, "error": error}, status=409)
        if "gt" in asked.params.get("filters", "")
        else known(asked)
    )
    receipt = puller.one("ckan", url=city.url, incremental="_id", **TABLE)
    assert (receipt.status, receipt.problem.values["status"]) == ("failed", 409)
