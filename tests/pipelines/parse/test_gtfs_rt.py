"""GTFS-Realtime: what a message has becomes text, what it has not stays null, and nothing is made up."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from google.transit.gtfs_realtime_pb2 import FeedMessage
from hypothesis import given
from hypothesis import strategies as st

from citylake.pipelines.parse.flatten_protobuf import flatten_message

STAMP = 1_772_294_400


def message(**header: Any) -> Any:
    made = FeedMessage()
    made.header.gtfs_realtime_version = "2.0"
    made.header.timestamp = STAMP
    for name, value in header.items():
        setattr(made.header, name, value)
    return made


def read(parser: Any, made: Any, rows: str, **settings: Any) -> Any:
    return parser(made.SerializePartialToString(), format={"type": "gtfs_rt", "rows": rows, **settings})


def test_a_trips_fields_are_repeated_beside_each_of_its_stops(parser: Any) -> None:
    made = message()
    update = made.entity.add(id="a").trip_update
    update.trip.trip_id = "t"
    update.stop_time_update.add(stop_sequence=1, stop_id="x").arrival.delay = 0
    update.stop_time_update.add(stop_sequence=2, stop_id="y").departure.time = STAMP
    frame = read(parser, made, "stop_time_updates").frame
    assert frame["trip_update.trip.trip_id"].to_list() == ["t", "t"]
    assert frame["header.timestamp"].to_list() == [str(STAMP)] * 2
    # A delay of 0 that was sent is 0; one that was not sent is null.
    assert frame["trip_update.stop_time_update.arrival.delay"].to_list() == ["0", None]
    assert frame["trip_update.stop_time_update.departure.time"].to_list() == [None, str(STAMP)]
    assert "trip_update.trip.schedule_relationship" not in frame.columns


def test_trips_are_rows_without_their_stops(parser: Any) -> None:
    made = message()
    for name in ("a", "b"):
        update = made.entity.add(id=name).trip_update
        update.trip.trip_id = name
        update.stop_time_update.add(stop_sequence=1)
    outcome = read(parser, made, "trip_updates")
    assert outcome.frame["trip_update.trip.trip_id"].to_list() == ["a", "b"]
    assert not any("stop_time_update" in column for column in outcome.parsed.columns)


def test_a_trip_without_stops_is_told_in_the_report(parser: Any) -> None:
    made = message()
    made.entity.add(id="gone").trip_update.trip.trip_id = "t"
    report = read(parser, made, "stop_time_updates").parsed.report
    assert (report["skipped_rows"], report["skipped"][0]["text"]) == (1, "gone")


def test_floats_have_the_digits_that_were_meant(parser: Any) -> None:
    made = message()
    position = made.entity.add(id="v").vehicle.position
    position.latitude, position.longitude, position.odometer = 31.2, -121.473701, 1e7 + 0.25
    (row,) = read(parser, made, "vehicles").frame.to_dicts()
    assert row["vehicle.position.latitude"] == "31.2"
    assert row["vehicle.position.longitude"] == "-121.4737"
    assert row["vehicle.position.odometer"] == "10000000.25"


def test_an_enumeration_that_nobody_knows_stays_a_number(parser: Any) -> None:
    made = message()
    made.entity.add(id="v").vehicle.current_status = 1
    named, nameless = made.SerializeToString(), made.SerializeToString().replace(b"\x20\x01", b"\x20\x63")
    assert named != nameless
    layout = {"type": "gtfs_rt", "rows": "vehicles"}
    assert parser(named, format=layout).frame["vehicle.current_status"].to_list() == ["STOPPED_AT"]
    assert parser(nameless, format=layout).frame["vehicle.current_status"].to_list() == ["99"]


def test_fields_that_the_bindings_do_not_know_are_counted(parser: Any) -> None:
    made = message()
    made.entity.add(id="v").vehicle.vehicle.id = "b"
    # Field 1001, a varint, as agencies' extensions are.
    made.entity[0].MergeFromString(b"\xc8\x3e\x07")
    made.entity[0].vehicle.MergeFromString(b"\xc8\x3e\x07")
    report = read(parser, made, "vehicles").parsed.report
    assert report["unknown_fields"] == {"entity.1001": 1, "vehicle.1001": 1}


def test_an_alert_is_a_row_for_each_entity_with_its_texts_by_language(parser: Any) -> None:
    made = message()
    alert = made.entity.add(id="a").alert
    alert.active_period.add(start=1, end=2)
    alert.informed_entity.add(route_id="1")
    alert.informed_entity.add(stop_id="s")
    for language, text in (("zh", "晚点"), ("en", "late"), ("en", "very late"), ("", "no language")):
        alert.header_text.translation.add(text=text, **({"language": language} if language else {}))
    made.entity.add(id="b").alert.cause = 8
    frame = read(parser, made, "alerts").frame
    assert frame["entity.id"].to_list() == ["a", "a", "b"]
    assert frame["alert.informed_entity.route_id"].to_list() == ["1", None, None]
    assert frame["alert.active_period.0.start"].to_list() == ["1", "1", None]
    assert frame.select(
        "alert.header_text.zh", "alert.header_text.en", "alert.header_text.en.2", "alert.header_text"
    ).row(0) == ("晚点", "late", "very late", "no language")
    assert frame["alert.cause"].to_list() == [None, None, "WEATHER"]


def test_a_deleted_entity_is_a_row_and_other_entities_are_counted(parser: Any) -> None:
    made = message(incrementality=1)
    made.entity.add(id="gone", is_deleted=True)
    made.entity.add(id="other").trip_update.trip.trip_id = "t"
    outcome = read(parser, made, "vehicles", differential=True)
    assert outcome.frame.select("entity.id", "entity.is_deleted").rows() == [("gone", "true")]
    assert outcome.parsed.report["entities"] == {"deleted": 1, "trip_update": 1}


def test_changes_alone_are_refused_unless_they_are_wanted(parser: Any) -> None:
    assert read(parser, message(incrementality=1), "vehicles").parsed.problem.code == "GTFS_RT_DIFFERENTIAL"


def test_oddities_are_told_and_the_rows_are_read(parser: Any) -> None:
    made = message()
    for _ in range(2):
        made.entity.add(id="same").vehicle.timestamp = STAMP + 60
    outcome = read(parser, made, "vehicles")
    codes = {notice["code"] for notice in outcome.parsed.report["notices"]}
    assert (outcome.parsed.rows, codes) == (2, {"GTFS_RT_CLOCK", "GTFS_RT_ENTITY_TWICE"})


def test_an_empty_present_has_no_rows(parser: Any) -> None:
    parsed = read(parser, message(), "vehicles").parsed
    assert (parsed.problem, parsed.rows) == (None, 0)
    assert [notice["code"] for notice in parsed.report["notices"]] == ["HEADER_ONLY"]


BROKEN = {
    "a message that is cut": (message().SerializeToString()[:-1], "GTFS_RT_BROKEN"),
    "nothing": (b"", "GTFS_RT_BROKEN"),
    "JSON": (b'{"header": {}}', "GTFS_RT_BROKEN"),
    "a web page": (b"<!doctype html><title>502</title>", "FILE_IS_HTML"),
    "no time": (message(timestamp=0).SerializeToString(), "GTFS_RT_UNSTAMPED"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_no_message_is_told_with_its_file(parser: Any, what: str) -> None:
    body, code = BROKEN[what]
    problem = parser(body, format={"type": "gtfs_rt", "rows": "vehicles"}).parsed.problem
    assert (problem.code, problem.values["file"]) == (code, "in/data.csv")


@given(
    st.dictionaries(
        st.sampled_from(["stop_sequence", "stop_id", "arrival.time", "arrival.delay", "departure.uncertainty"]),
        st.integers(0, 2**31 - 1),
    )
)
def test_flat_has_exactly_the_fields_that_were_set(fields: dict[str, int]) -> None:
    update = FeedMessage().entity.add().trip_update.stop_time_update.add()
    for path, value in fields.items():
        outer, _, inner = path.rpartition(".")
        setattr(getattr(update, outer) if outer else update, inner, str(value) if path == "stop_id" else value)
    unknown: Counter[str] = Counter()
    assert flatten_message(update, "u", unknown) == {f"u.{path}": str(value) for path, value in fields.items()}
    assert not unknown
