"""``ngsi_ld``: every entity of a type, or the receipt says what is missing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from citylake.pipelines.pull.connectors.ngsi_ld.ngsi_ld_source import NgsiLdSource

KINDS = [("ld", "NGSILD-Results-Count", "/ngsi-ld/v1/entities"), ("v2", "Fiware-Total-Count", "/v2/entities")]


def entity(number: int) -> dict[str, Any]:
    return {"id": f"urn:ngsi-ld:Lamp:{number}", "type": "Lamp", "power": {"type": "Property", "value": number}}


def broker(reply: Any, total: int, header: str | None = "NGSILD-Results-Count", first: int = 0) -> Any:
    """A broker with so many entities, which tells their number in ``header``."""

    def answer(asked: Any) -> Any:
        at, size = int(asked.params["offset"]), int(asked.params["limit"])
        found = [entity(number) for number in range(first, first + total)]
        return reply(found[at : at + size], headers={header: str(total)} if header else {})

    return answer


def offsets(city: Any) -> list[int]:
    return [int(asked.params["offset"]) for asked in city.asked]


@pytest.mark.parametrize(("api", "header", "path"), KINDS)
def test_pages_end_at_the_count_in_the_header(
    puller: Any, city: Any, reply: Any, api: str, header: str, path: str
) -> None:
    city.answer = broker(reply, 5, header)
    receipt = puller.one("ngsi_ld", url=city.url, api=api, type="Lamp", page_size=2)
    assert (receipt.status, receipt.declared_count, receipt.stored_count) == ("received", 5, 5)
    assert (receipt.name, receipt.proof, offsets(city)) == ("Lamp", "count", [0, 2, 4])
    assert {asked.path for asked in city.asked} == {path}
    assert [len(json.loads(Path(each).read_bytes())) for each in receipt.landing] == [2, 2, 1]


def test_what_is_asked_is_what_the_contract_says(puller: Any, city: Any, reply: Any) -> None:
    city.answer = broker(reply, 1)
    near = {"georel": "near;maxDistance==2000", "geometry": "Point", "coordinates": "[113.1,23.1]"}
    asked = {"q": "power>5", "attrs": ["power", "location"], "geo": near, "form": "keyValues"}
    context = "https://example.org/context.jsonld"
    puller.one("ngsi_ld", url=city.url, type="Lamp", context=context, headers={"NGSILD-Tenant": "lanhai"}, **asked)
    (sent,) = city.asked
    assert sent.params == {
        "type": "Lamp",
        "q": "power>5",
        "attrs": "power,location",
        **near,
        "count": "true",
        "options": "keyValues",
        "limit": "500",
        "offset": "0",
    }
    link = f'<{context}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'
    assert (sent.headers["link"], sent.headers["ngsild-tenant"]) == (link, "lanhai")


def test_ngsi_v2_is_asked_in_its_own_words(puller: Any, city: Any, reply: Any) -> None:
    city.answer = broker(reply, 1)
    near = {"georel": "near;maxDistance:2000", "geometry": "point", "coordinates": "23.1,113.1"}
    puller.one("ngsi_ld", url=city.url, api="v2", type="Lamp", geo=near, form="keyValues")
    params = city.asked[0].params
    assert (params["options"], params["coords"], "count" in params) == ("keyValues,count", "23.1,113.1", False)


def test_a_broker_that_gives_fewer_than_asked_loses_nothing(puller: Any, city: Any, reply: Any) -> None:
    whole = broker(reply, 5)

    def answer(asked: Any) -> Any:
        asked.params["limit"] = "2"
        return whole(asked)

    city.answer = answer
    receipt = puller.one("ngsi_ld", url=city.url, type="Lamp", page_size=4)
    assert (receipt.status, receipt.stored_count, offsets(city)) == ("received", 5, [0, 2, 4])


def test_where_nothing_counts_pages_end_at_the_empty_one_and_are_read_again(puller: Any, city: Any, reply: Any) -> None:
    city.answer = broker(reply, 3, header=None)
    receipt = puller.one("ngsi_ld", url=city.url, type="Lamp", page_size=2)
    assert (receipt.status, receipt.declared_count, receipt.stored_count) == ("received", None, 3)
    assert (receipt.proof, offsets(city)) == ("reread", [0, 2, 3, 3, 2, 0])


def test_entities_that_move_are_noticed_with_and_without_a_count(puller: Any, city: Any, reply: Any) -> None:
    for header, code in (("NGSILD-Results-Count", "ROWS_SHIFTED"), (None, "PAGE_CHANGED")):
        city.asked.clear()
        before, after = broker(reply, 5, header), broker(reply, 4, header, first=1)
        city.answer = lambda asked, one=before, two=after: (one if len(city.asked) == 1 else two)(asked)
        receipt = puller.one("ngsi_ld", url=city.url, type="Lamp", page_size=2)
        assert (receipt.status, receipt.problem.code, receipt.cursor) == ("incomplete", code, None)


def test_an_entity_that_comes_twice_is_noticed(puller: Any, city: Any, reply: Any) -> None:
    pages = {"0": [entity(1), entity(2)], "2": [entity(2), entity(3)]}
    city.answer = lambda asked: reply(pages[asked.params["offset"]], headers={"NGSILD-Results-Count": "4"})
    receipt = puller.one("ngsi_ld", url=city.url, type="Lamp", page_size=2)
    assert (receipt.status, receipt.problem.code) == ("incomplete", "ROWS_SHIFTED")
    assert (receipt.problem.values["stored"], receipt.problem.values["distinct"]) == (4, 3)


def test_a_count_that_is_not_met_is_told_with_both_numbers(puller: Any, city: Any, reply: Any) -> None:
    few = broker(reply, 3)

    def answer(asked: Any) -> Any:
        told = few(asked)
        told.headers = {"NGSILD-Results-Count": "4"}
        return told

    city.answer = answer
    receipt = puller.one("ngsi_ld", url=city.url, type="Lamp", page_size=2)
    assert (receipt.status, receipt.declared_count, receipt.stored_count) == ("incomplete", 4, 3)
    assert receipt.problem.code == "COUNT_DIFFERS"


def test_a_limit_that_the_broker_refuses_is_explained(puller: Any, city: Any, reply: Any) -> None:
    kind = "https://uri.etsi.org/ngsi-ld/errors/TooManyResults"
    body = {"type": kind, "title": "Too many results", "detail": "at most 100", "status": 403}
    city.answer = lambda asked: reply(body, status=403, headers={"Content-Type": "application/problem+json"})
    receipt = puller.one("ngsi_ld", url=city.url, type="Lamp", page_size=500)
    assert (receipt.status, receipt.problem.code, len(city.asked)) == ("failed", "NGSI_TOO_MANY", 1)
    assert receipt.problem.values["size"] == 500
    assert "at most 100" in receipt.problem.values["message"]


def test_other_refusals_keep_the_brokers_words(puller: Any, city: Any, reply: Any) -> None:
    body = {"type": "https://uri.etsi.org/ngsi-ld/errors/BadRequestData", "title": "Bad query", "detail": "q: =="}
    city.answer = lambda asked: reply(body, status=400)
    problem = puller.one("ngsi_ld", url=city.url, type="Lamp").problem
    assert (problem.code, problem.values["status"]) == ("HTTP_REFUSED", 400)
    assert "Bad query" in problem.values["message"]
    assert "q: ==" in problem.values["message"]


def test_an_error_under_status_200_is_none_of_the_entities(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply({"title": "Internal Error", "detail": "database is down"})
    problem = puller.one("ngsi_ld", url=city.url, type="Lamp", attempts=2).problem
    assert (problem.code, problem.values["message"]) == ("HTTP_FAILED_INSIDE", "Internal Error: database is down")
    assert len(city.asked) == 2


@pytest.mark.parametrize("header", ["NGSILD-Results-Count", None])
def test_a_pull_that_breaks_off_goes_on_at_its_page(puller: Any, city: Any, reply: Any, header: str | None) -> None:
    good = broker(reply, 5, header)
    city.answer = lambda asked: reply("down", status=503) if asked.params["offset"] == "4" else good(asked)
    broken = puller.one("ngsi_ld", url=city.url, type="Lamp", page_size=2, attempts=1)
    assert (broken.status, broken.stored_count) == ("incomplete", 4)
    puller.leave([broken])
    city.asked.clear()
    city.answer = good
    whole = puller.one("ngsi_ld", url=city.url, type="Lamp", page_size=2, attempts=1)
    assert (whole.status, whole.declared_count, whole.stored_count) == ("received", 5 if header else None, 5)
    assert offsets(city)[0] == 4


def test_no_page_is_the_last_forever(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply([entity(int(asked.params["offset"]))])
    receipt = puller.one("ngsi_ld", url=city.url, type="Lamp", max_pages=5)
    assert (receipt.status, receipt.problem.code) == ("incomplete", "PAGES_ENDLESS")


def test_the_token_is_shown_nowhere(puller: Any, city: Any, reply: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITYLAKE_CONN_BROKER", '{"headers": {"X-Auth-Token": "t-93ab"}}')
    city.answer = lambda asked: reply({"title": f"bad token {asked.headers['x-auth-token']}"}, status=401)
    receipt = puller.one("ngsi_ld", url=city.url, type="Lamp", connection="broker")
    assert "t-93ab" not in str(receipt)
    assert "***" in receipt.problem.values["message"]


@pytest.mark.parametrize(
    "settings", [{}, {"type": "Lamp", "page_size": 1001}, {"type": "Lamp", "api": "v2", "context": "https://a/b"}]
)
def test_what_cannot_be_asked_for_is_no_contract(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        NgsiLdSource.model_validate({"connector": "ngsi_ld", "url": "https://example.org", **settings})


def test_ngsi_v2_refuses_in_its_own_words(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply({"error": "BadRequest", "description": "invalid query expression"}, status=400)
    problem = puller.one("ngsi_ld", url=city.url, api="v2", type="Lamp").problem
    assert problem.values["message"] == "BadRequest: invalid query expression"
