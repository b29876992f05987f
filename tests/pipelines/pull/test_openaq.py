"""``openaq``: every row of a sensor, from where the last pull ended; or the receipt says what is missing."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from schemas.source import OpenaqSource

START = datetime(2026, 1, 1, tzinfo=UTC)


def stamp(hour: int) -> str:
    return f"{START + timedelta(hours=hour):%Y-%m-%dT%H:%M:%SZ}"


def row(hour: int) -> dict[str, Any]:
    return {"value": hour, "period": {"datetimeTo": {"utc": stamp(hour), "local": stamp(hour)}}}


def meta(found: int | str) -> dict[str, Any]:
    return {"name": "openaq-api", "website": "/", "found": found}


def within(hour: int, after: str | None, upto: str | None) -> bool:
    end = START + timedelta(hours=hour)
    return not (after and end <= datetime.fromisoformat(after)) and not (upto and end > datetime.fromisoformat(upto))


def serve(reply: Any, hours: int, counted: bool = False) -> Any:
    """A sensor with so many hours; ``counted``: ``found`` is the number of all of them."""

    def answer(asked: Any) -> Any:
        size, page = int(asked.params["limit"]), int(asked.params["page"])
        after, upto = (asked.params.get(f"datetime_{end}") for end in ("from", "to"))
        rows = [row(hour) for hour in range(1, hours + 1) if within(hour, after, upto)]
        found = rows[size * (page - 1) : size * page]
        told = len(rows) if counted else f">{size}" if len(found) == size else len(found)
        return reply({"meta": meta(told if found else 0), "results": found})

    return answer


def pages(city: Any) -> list[int]:
    return [int(asked.params["page"]) for asked in city.asked]


def test_pages_are_read_until_one_is_empty_never_until_found(puller: Any, city: Any, reply: Any) -> None:
    city.answer = serve(reply, hours=2)
    receipt = puller.one("openaq", url=city.url, resource="hours", sensors=[7])
    assert (receipt.status, receipt.declared_count, receipt.stored_count) == ("received", 2, 2)
    assert (receipt.name, receipt.proof, pages(city)) == ("sensors/7/hours", "count", [1, 2])


def test_where_found_says_only_more_every_page_is_read_again_backwards(puller: Any, city: Any, reply: Any) -> None:
    city.answer = serve(reply, hours=5)
    receipt = puller.one("openaq", url=city.url, resource="hours", sensors=[7], page_size=2)
    assert (receipt.status, receipt.declared_count, receipt.stored_count) == ("received", None, 5)
    assert pages(city) == [1, 2, 3, 4, 4, 3, 2, 1]
    assert [len(json.loads(Path(path).read_bytes())["results"]) for path in receipt.landing] == [2, 2, 1, 0]


def test_a_row_that_goes_while_pages_are_read_is_noticed(puller: Any, city: Any, reply: Any) -> None:
    whole = serve(reply, hours=5)

    def answer(asked: Any) -> Any:
        later = len(city.asked) > 1
        return whole(asked) if not later else serve_from(reply, 2, asked)

    city.answer = answer
    receipt = puller.one("openaq", url=city.url, resource="hours", sensors=[7], page_size=2)
    assert (receipt.status, receipt.problem.code) == ("incomplete", "PAGE_CHANGED")
    assert (receipt.problem.values["page"], receipt.cursor, receipt.state) == (1, None, None)


def serve_from(reply: Any, first: int, asked: Any) -> Any:
    size, page = int(asked.params["limit"]), int(asked.params["page"])
    found = [row(hour) for hour in range(first, 6)][size * (page - 1) : size * page]
    return reply({"meta": meta(f">{size}" if len(found) == size else len(found)), "results": found})


def test_a_row_that_comes_while_pages_are_read_is_noticed_by_its_double(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: serve_from(reply, 1 if len(city.asked) == 1 else 0, asked)
    receipt = puller.one("openaq", url=city.url, resource="hours", sensors=[7], page_size=2)
    assert (receipt.status, receipt.problem.code) == ("incomplete", "ROWS_SHIFTED")


def test_a_count_that_is_not_met_is_told_with_both_numbers(puller: Any, city: Any, reply: Any) -> None:
    found = [{"sensorsId": 1}, {"sensorsId": 2}]
    city.answer = lambda asked: reply({"meta": meta("3"), "results": found if asked.params["page"] == "1" else []})
    receipt = puller.one("openaq", url=city.url, resource="latest", parameters=[2])
    assert (receipt.status, receipt.declared_count, receipt.stored_count) == ("incomplete", 3, 2)
    assert receipt.problem.code == "COUNT_DIFFERS"


def test_a_short_page_before_the_last_lost_rows(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply({"meta": meta(">9"), "results": [row(int(asked.params["page"]))]})
    receipt = puller.one("openaq", url=city.url, resource="hours", sensors=[7])
    assert (receipt.status, receipt.problem.code) == ("incomplete", "PAGE_UNEVEN")


def test_the_next_pull_goes_on_before_the_last_end_and_no_state_moves_before_the_commit(
    puller: Any, city: Any, reply: Any
) -> None:
    city.answer = serve(reply, hours=100)
    asked = {"url": city.url, "resource": "hours", "sensors": [7], "overlap_s": 7200}
    first = puller.one("openaq", **asked, since="2026-01-01T08:00:00+08:00")
    assert (first.stored_count, first.state) == (100, {"end": stamp(100)})
    assert city.asked[0].params["datetime_from"] == "2026-01-01T08:00:00+08:00"
    puller.one("openaq", **asked)
    assert "datetime_from" not in city.asked[-1].params
    puller.commit([first])
    city.answer = serve(reply, hours=103)
    second = puller.one("openaq", **asked)
    # The end of the period that is left out (exclusive), an hour and the overlap before the last one.
    assert city.asked[-1].params["datetime_from"] == stamp(97)
    assert (second.stored_count, second.state) == (6, {"end": stamp(103)})


def test_an_empty_answer_keeps_the_state_and_a_future_one_does_not_run_ahead(
    puller: Any, city: Any, reply: Any
) -> None:
    puller.states["sensors/7/hours"] = {"end": stamp(5)}
    city.answer = serve(reply, hours=0)
    assert puller.one("openaq", url=city.url, resource="hours", sensors=[7]).state == {"end": stamp(5)}
    late = {"period": {"datetimeTo": {"utc": "2031-01-01T00:00:00Z"}}}
    city.answer = lambda asked: reply({"meta": meta(1), "results": [late] if asked.params["page"] == "1" else []})
    assert puller.one("openaq", url=city.url, resource="hours", sensors=[7]).state == {"end": "2026-03-01T00:00:00Z"}


def test_days_are_asked_for_by_dates_that_no_zone_can_miss(puller: Any, city: Any, reply: Any) -> None:
    city.answer = serve(reply, hours=0)
    puller.states["sensors/7/days"] = {"end": "2026-02-10T16:00:00Z"}
    puller.one("openaq", url=city.url, resource="days", sensors=[7], until="2026-02-20T00:00:00+08:00")
    params = city.asked[0].params
    assert (params["date_from"], params["date_to"], "datetime_from" in params) == ("2026-02-07", "2026-02-20", False)


def test_a_pull_that_breaks_off_goes_on_at_its_page_with_its_bounds(puller: Any, city: Any, reply: Any) -> None:
    good = serve(reply, hours=5)
    city.answer = lambda asked: reply("down", status=503) if asked.params["page"] == "3" else good(asked)
    asked = {"url": city.url, "resource": "hours", "sensors": [7], "page_size": 2}
    broken = puller.one("openaq", **asked, attempts=1)
    assert (broken.status, broken.stored_count) == ("incomplete", 4)
    puller.leave([broken])
    city.asked.clear()
    city.answer = good
    whole = puller.one("openaq", **asked, attempts=1)
    assert (whole.status, whole.stored_count, whole.state) == ("received", 5, {"end": stamp(5)})
    assert pages(city) == [3, 4, 4, 3, 2, 1]


def test_sensors_of_locations_are_listed_first_and_one_that_fails_holds_no_other(
    puller: Any, city: Any, reply: Any
) -> None:
    listing = [{"id": number, "name": "x", "parameter": {"id": number % 2}} for number in (11, 12, 13)]
    hours = serve(reply, hours=3)

    def answer(asked: Any) -> Any:
        if asked.path == "/locations/9/sensors":
            return reply({"meta": meta(3), "results": listing})
        if asked.path.startswith("/locations/"):
            return reply({"detail": "Location not found"}, status=404)
        return reply({"detail": "Sensor not found"}, status=404) if "/11/" in asked.path else hours(asked)

    city.answer = answer
    found = puller("openaq", url=city.url, resource="hours", locations=[8, 9], parameters=[1])
    told = {receipt.name: receipt.status for receipt in found}
    assert told == {
        "locations/8/sensors": "failed",
        "locations/9/sensors/11/hours": "failed",
        "locations/9/sensors/13/hours": "received",
    }
    assert [receipt.problem.code for receipt in found[:2]] == ["HTTP_REFUSED", "HTTP_REFUSED"]


def test_a_location_without_a_wanted_sensor_is_told_with_what_it_has(puller: Any, city: Any, reply: Any) -> None:
    sensor = {"id": 1, "name": "co ppm", "parameter": {"id": 8}}
    city.answer = lambda asked: reply({"meta": meta(1), "results": [sensor]})
    receipt = puller.one("openaq", url=city.url, resource="hours", locations=[9], parameters=[4])
    assert (receipt.status, receipt.problem.code) == ("failed", "OPENAQ_NO_SENSOR")
    assert receipt.problem.values["present"] == "8 (co ppm)"


def test_a_list_of_sensors_that_is_not_whole_is_not_used(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply({"meta": meta(2), "results": [{"id": 1, "parameter": {"id": 8}}]})
    receipt = puller.one("openaq", url=city.url, resource="hours", locations=[9])
    assert (receipt.status, receipt.problem.code) == ("failed", "COUNT_DIFFERS")


def test_a_host_whose_allowance_is_used_up_rests_until_it_is_renewed(puller: Any, city: Any, reply: Any) -> None:
    whole, at = serve(reply, hours=2), []

    def answer(asked: Any) -> Any:
        at.append(time.monotonic())
        answered = whole(asked)
        answered.headers = {"x-ratelimit-limit": "60", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}
        return answered

    city.answer = answer
    assert puller.one("openaq", url=city.url, resource="hours", sensors=[7]).status == "received"
    assert at[1] - at[0] > 0.9


@pytest.mark.parametrize("status", [408, 429])
def test_slow_queries_and_refused_haste_are_asked_again(puller: Any, city: Any, reply: Any, status: int) -> None:
    whole = serve(reply, hours=2)
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "0"}
    refusal = reply({"detail": "Too many requests"}, status=status, headers=headers)
    city.answer = lambda asked: whole(asked) if asked.times else refusal
    assert puller.one("openaq", url=city.url, resource="hours", sensors=[7]).status == "received"
    assert pages(city) == [1, 1, 2, 2]


def test_a_fault_that_is_json_in_a_json_text_is_told_once_and_not_asked_again(
    puller: Any, city: Any, reply: Any
) -> None:
    city.answer = lambda asked: reply('[{"loc": ["query", "limit"], "msg": "too large"}]', status=422)
    problem = puller.one("openaq", url=city.url, resource="hours", sensors=[7]).problem
    assert (problem.code, problem.values["status"], len(city.asked)) == ("HTTP_REFUSED", 422, 1)
    assert problem.values["message"] == '[{"loc": ["query", "limit"], "msg": "too large"}]'


def test_a_success_without_results_is_none(puller: Any, city: Any, reply: Any) -> None:
    city.answer = lambda asked: reply({"detail": "Internal Server Error"})
    problem = puller.one("openaq", url=city.url, resource="hours", sensors=[7], attempts=2).problem
    assert (problem.code, problem.values["message"]) == ("HTTP_FAILED_INSIDE", "Internal Server Error")


def test_an_end_that_is_no_instant_moves_nothing(puller: Any, city: Any, reply: Any) -> None:
    odd = {"period": {"datetimeTo": {"utc": "yesterday"}}}
    city.answer = lambda asked: reply({"meta": meta(1), "results": [odd]})
    receipt = puller.one("openaq", url=city.url, resource="hours", sensors=[7])
    assert (receipt.problem.code, receipt.problem.values["value"], receipt.state) == (
        "OPENAQ_NO_TIME",
        "yesterday",
        None,
    )


def test_the_key_is_sent_as_a_header_and_shown_nowhere(
    puller: Any, city: Any, reply: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITYLAKE_CONN_OPENAQ", '{"headers": {"X-API-Key": "k-8d1f2"}}')
    city.answer = lambda asked: reply({"detail": f"no such key {asked.headers['x-api-key']}"}, status=401)
    receipt = puller.one("openaq", url=city.url, resource="hours", sensors=[7], connection="openaq")
    assert "k-8d1f2" not in str(receipt)
    assert "***" in receipt.problem.values["message"]


@pytest.mark.parametrize(
    "settings",
    [
        {"resource": "hours"},
        {"resource": "hours", "sensors": [1], "parameters": [2]},
        {"resource": "latest"},
        {"resource": "locations", "locations": [1]},
        {"resource": "latest", "locations": [1], "since": "2026-01-01T00:00:00Z"},
        {"resource": "hours", "sensors": [1], "since": "2026-01-01T00:00:00"},
        {"resource": "hours", "sensors": [1], "page_size": 1001},
    ],
)
def test_what_cannot_be_asked_for_is_no_contract(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        OpenaqSource.model_validate({"connector": "openaq", **settings})
