"""``openaq``: a series goes on from where it ended, sensor by sensor."""

from __future__ import annotations

from typing import Any

from tests.openaq_hours import meta, serve, stamp


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
    assert [int(asked.params["page"]) for asked in city.asked] == [3, 4, 4, 3, 2, 1]


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
