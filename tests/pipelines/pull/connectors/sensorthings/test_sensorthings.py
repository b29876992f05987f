"""``sensorthings``: every observation of the chosen Datastreams, or the receipt says what is missing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from citylake.pipelines.pull.connectors.sensorthings.sensorthings_requests import rebase_link

ROOT = "/sta/v1.1"
SMALL = {"datastreams": [1, 2], "page_size": 20, "per_second": 1000}


def observed(receipt: Any) -> list[dict[str, Any]]:
    return [each for path in receipt.landing for each in json.loads(Path(path).read_bytes())["value"]]


def pages(reply: Any, *bodies: dict[str, Any]) -> Any:
    """Page after page, by the parameter ``p``."""
    return lambda asked: reply(bodies[int(asked.params.get("p", 0))])


@pytest.fixture
def whole(puller: Any, standin: str) -> list[dict[str, Any]]:
    return observed(puller.one("sensorthings", url=standin + ROOT, datastreams=[1, 2]))


def test_links_are_followed_to_the_end_and_every_row_knows_its_datastream_and_unit(
    puller: Any, standin: str, whole: list[dict[str, Any]]
) -> None:
    receipt = puller.one("sensorthings", url=standin + ROOT, **SMALL)
    assert (receipt.status, receipt.proof) == ("received", "count")
    assert receipt.declared_count == receipt.stored_count == len(whole) > 100
    assert observed(receipt) == whole
    assert {each["Datastream"]["@iot.id"] for each in whole} == {1, 2}
    assert {each["Datastream"]["unitOfMeasurement"]["symbol"] for each in whole} == {"ug/m3"}


def test_a_filter_chooses_the_datastreams(puller: Any, standin: str) -> None:
    receipt = puller.one(
        "sensorthings", url=standin + ROOT, filter="startswith(name,'NO2 ')", page_size=5, per_second=1000
    )
    names = {each["Datastream"]["name"] for each in observed(receipt)}
    assert receipt.status == "received"
    assert len(names) >= 12
    assert all(name.startswith("NO2 ") for name in names)
    none = puller.one("sensorthings", url=standin + ROOT, filter="startswith(name,'O3 ')")
    assert (none.status, none.problem.code) == ("failed", "STA_NO_DATASTREAMS")


def test_a_first_pull_may_begin_at_a_moment_which_is_among_what_is_asked_for(
    puller: Any, city: Any, reply: Any
) -> None:
    city.answer = pages(reply, {"value": []})
    puller.one("sensorthings", url=city.url, datastreams=["a'b"], since="2026-02-28T08:00:00+08:00", expand=None)
    (asked,) = city.asked
    assert asked.path == "/Datastreams('a''b')/Observations"
    assert (
        asked.params["$filter"] == "phenomenonTime gt 2026-02-27T23:59:59Z and phenomenonTime le 2026-03-01T00:00:00Z"
    )
    assert (asked.params["$orderby"], "$expand" in asked.params) == ("phenomenonTime asc", False)


def test_the_next_pull_begins_a_little_before_the_last_observation(puller: Any, city: Any, reply: Any) -> None:
    rows = [
        {"@iot.id": 1, "phenomenonTime": "2026-02-01T02:00:00Z/2026-02-01T03:00:00Z"},
        {"@iot.id": 2, "phenomenonTime": "2026-02-01T01:30:00+00:00"},
    ]
    city.answer = pages(reply, {"value": rows})
    receipt = puller.one("sensorthings", url=city.url, datastreams=[7])
    assert receipt.state == {"latest": {"7": "2026-02-01T02:00:00Z"}}
    puller.commit([receipt])
    again = puller.one("sensorthings", url=city.url, datastreams=[7], overlap_s=1800, until="open")
    assert city.asked[-1].params["$filter"] == "phenomenonTime gt 2026-02-01T01:30:00Z"
    assert (again.status, again.same_as) == ("unchanged", receipt.id)


def test_a_clock_that_is_ahead_does_not_move_the_beginning_beyond_now(puller: Any, city: Any, reply: Any) -> None:
    city.answer = pages(reply, {"value": [{"@iot.id": 1, "phenomenonTime": "2031-01-01T00:00:00Z"}]})
    receipt = puller.one("sensorthings", url=city.url, datastreams=[7])
    assert receipt.state == {"latest": {"7": "2026-03-01T00:00:00Z"}}


def test_without_a_count_the_last_link_is_the_proof(puller: Any, city: Any, reply: Any) -> None:
    city.answer = pages(reply, {"value": [{"@iot.id": 1}], "@iot.nextLink": "?p=1"}, {"value": [{"@iot.id": 2}]})
    receipt = puller.one("sensorthings", url=f"{city.url}/v1.1", datastreams=[1])
    assert (receipt.status, receipt.declared_count, receipt.stored_count) == ("received", None, 2)
    assert receipt.proof == "no_next"


def test_fewer_observations_than_counted_are_incomplete_with_both_numbers(puller: Any, city: Any, reply: Any) -> None:
    city.answer = pages(reply, {"@iot.count": "3", "value": [{"@iot.id": 1}, {"@iot.id": 2}]})
    receipt = puller.one("sensorthings", url=city.url, datastreams=[1])
    assert (receipt.status, receipt.declared_count, receipt.stored_count) == ("incomplete", 3, 2)
    assert receipt.problem.code == "COUNT_DIFFERS"


@pytest.mark.parametrize(
    ("until", "counts", "status"),
    [("open", (1, 2), "received"), ("now", (1, 2), "incomplete"), ("open", (3, 2), "incomplete")],
)
def test_a_count_may_grow_only_where_it_is_open_to_the_future(
    puller: Any, city: Any, reply: Any, until: str, counts: tuple[int, int], status: str
) -> None:
    first = {"@iot.count": counts[0], "value": [{"@iot.id": 1}], "@iot.nextLink": "?p=1"}
    city.answer = pages(reply, first, {"@iot.count": counts[1], "value": [{"@iot.id": 2}]})
    receipt = puller.one("sensorthings", url=city.url, datastreams=[1], until=until)
    assert (receipt.status, receipt.declared_count, receipt.stored_count) == (status, counts[1], 2)
    assert receipt.problem is None or receipt.problem.code == "ROWS_SHIFTED"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("shift:2+", "COUNT_DIFFERS"),
        ("repeated_page:3", "PAGE_REPEATED"),
        ("next_elsewhere", "LINK_LEAVES"),
        ("endless_next", "PAGES_ENDLESS"),
    ],
)
def test_pages_that_do_not_fit_together_are_incomplete(puller: Any, standin: str, fault: str, code: str) -> None:
    url = f"{standin}/with/{fault}{ROOT}"
    receipt = puller.one("sensorthings", url=url, max_pages=9, **SMALL)
    assert (receipt.status, receipt.problem.code) == ("incomplete", code)
    assert receipt.stored_count == len(observed(receipt)) > 0


def test_an_observation_that_comes_twice_is_a_shift(puller: Any, city: Any, reply: Any) -> None:
    first = {"@iot.count": 2, "value": [{"@iot.id": 1}], "@iot.nextLink": "?p=1"}
    city.answer = pages(reply, first, {"@iot.count": 2, "value": [{"@iot.id": 1, "result": 5}]})
    assert puller.one("sensorthings", url=city.url, datastreams=[1]).problem.code == "ROWS_SHIFTED"


def test_links_in_a_circle_are_stopped(puller: Any, city: Any, reply: Any) -> None:
    city.answer = pages(
        reply, {"value": [{"@iot.id": 1}], "@iot.nextLink": "?p=1"}, {"value": [], "@iot.nextLink": "?p=1"}
    )
    assert puller.one("sensorthings", url=city.url, datastreams=[1]).problem.code == "PAGE_LOOP"


@pytest.mark.parametrize(
    "fault", ["503:2", "429:2", "cut:2", "error_200:2", "gzip", "short_page", "text_counts", "slow"]
)
def test_faults_that_heal_leave_no_trace(puller: Any, standin: str, whole: list[Any], fault: str) -> None:
    receipt = puller.one("sensorthings", url=f"{standin}/with/{fault}{ROOT}", datastreams=[1, 2], page_size=50)
    assert (receipt.status, receipt.stored_count) == ("received", len(whole))
    assert observed(receipt) == whole


def test_links_to_an_internal_address_are_followed_below_the_url_where_the_contract_says_so(
    puller: Any, standin: str, whole: list[Any]
) -> None:
    receipt = puller.one("sensorthings", url=f"{standin}/with/next_elsewhere{ROOT}", links="rebase", **SMALL)
    assert receipt.status == "received"
    assert observed(receipt) == whole


SEGMENT = st.text("abcv1.()", min_size=1, max_size=6)


@given(path=st.lists(SEGMENT, min_size=1), host=SEGMENT, query=st.text("a$=&%20", max_size=9))
def test_a_rebased_link_never_leaves_the_origin(path: list[str], host: str, query: str) -> None:
    root = "https://open.example:8443/api/v1.1"
    link = rebase_link(f"http://{host}/{'/'.join(path)}?{query}", root)
    assert link.startswith("https://open.example:8443/")
    inside = rebase_link(f"http://{host}:9/x/v1.1/{'/'.join(path)}", root)
    assert inside == f"{root}/{'/'.join(path)}"


def test_a_pull_that_broke_off_goes_on_at_the_link_where_it_stopped(
    puller: Any, standin: str, whole: list[Any]
) -> None:
    url = f"{standin}/with/503:6@sta-resume{ROOT}"
    broken = puller.one("sensorthings", url=url, attempts=1, **SMALL)
    assert (broken.status, broken.problem.code) == ("incomplete", "HTTP_REFUSED")
    puller.leave([broken])
    receipt = puller.one("sensorthings", url=url, attempts=1, **SMALL)
    assert (receipt.status, receipt.declared_count, receipt.stored_count) == ("received", len(whole), len(whole))
    assert observed(receipt) == whole


def test_after_a_link_that_could_not_be_followed_the_next_pull_begins_anew(puller: Any, city: Any, reply: Any) -> None:
    pull = {"url": city.url, "datastreams": [1]}
    away = {"value": [{"@iot.id": 2}], "@iot.nextLink": "http://127.0.0.1:9/?p=2"}
    city.answer = pages(reply, {"value": [{"@iot.id": 1}], "@iot.nextLink": "?p=1"}, away)
    broken = puller.one("sensorthings", **pull)
    assert (broken.problem.code, broken.stored_count, broken.cursor) == ("LINK_LEAVES", 2, None)


def test_a_refusal_under_200_that_will_not_heal_is_asked_once(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply({"code": 400, "type": "error", "message": "Not a path"})
    problem = puller.one("sensorthings", url=city.url, datastreams=[1]).problem
    assert (problem.code, problem.values["message"], len(city.asked)) == ("HTTP_FAILED_INSIDE", "Not a path", 1)


def test_a_link_with_the_key_in_it_is_followed_and_kept_nowhere(
    puller: Any, city: Any, reply: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITYLAKE_CONN_STA", json.dumps({"params": {"apikey": "sta-secret-1"}}))
    first = {"@iot.count": 2, "value": [{"@iot.id": 1}], "@iot.nextLink": "?p=1&apikey=sta-secret-1"}
    city.answer = lambda asked: reply(first) if "p" not in asked.params else reply(b"sta-secret-1 is wrong", status=403)
    receipt = puller.one("sensorthings", url=city.url, datastreams=[1], connection="sta")
    assert (receipt.status, receipt.problem.code, receipt.cursor) == ("incomplete", "HTTP_REFUSED", None)
    assert "sta-secret-1" not in repr(receipt)


def test_either_datastreams_or_a_filter_is_named(puller: Any) -> None:
    for wrong in ({}, {"datastreams": [1], "filter": "x"}):
        with pytest.raises(ValidationError, match="either"):
            puller.one("sensorthings", url="http://127.0.0.1/v1.1", **wrong)
