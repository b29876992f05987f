"""The timetable of the express buses: a GTFS zip, whose trips and stop times are two datasets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from citylake.infra.city.city_model import City
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

FEED_FILE = "express_gtfs.zip"
HEADWAY_S = 12 * 60
STOPS = 3
TRIPS_HEADER = ("route_id", "service_id", "trip_id", "direction_id", "trip_headsign")
TIMES_HEADER = ("trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence")
_ROUTES = ("K1", "K2")
_FIRST_S, _LAST_S = 6 * 3600, 22 * 3600
_BETWEEN_STOPS_S, _AT_STOP_S = 7 * 60, 30


def express_trips() -> Iterator[tuple[str, str, str, int]]:
    """Route, direction, trip and departure (seconds of the service day) of every trip."""
    for route in _ROUTES:
        for direction in "01":
            for start_s in range(_FIRST_S, _LAST_S, HEADWAY_S):
                yield route, direction, f"{route}-{direction}-{start_s // 60:04d}", start_s


def arrival_s(start_s: int, number: int) -> int:
    """Seconds of the service day at which a trip reaches its stop ``number``, from 1."""
    return start_s + (number - 1) * _BETWEEN_STOPS_S


def generate_trips(city: City) -> PlantedBatch:
    """Every trip of a service day."""
    batch = PlantedBatch("transit.trips", ("trip_id", "route_id"), city.random("express trips"))
    for route, direction, trip, _ in express_trips():
        end = f"{route}{'西' if direction == '1' else '东'}站"
        batch.add("", dict(zip(TRIPS_HEADER, (route, "D", trip, direction, end), strict=True)))
    batch.plant("a direction that no list has", "CODE_UNKNOWN", 2, replace_field("direction_id", "7"))
    batch.plant("no route", "REQUIRED_MISSING", 2, replace_field("route_id", None))
    batch.contradict(2, replace_field("trip_headsign", "K9东站"))
    batch.repeat(2)
    return batch


def generate_times(city: City) -> PlantedBatch:
    """Every stop of every trip."""
    batch = PlantedBatch("transit.timetable", ("trip_id", "stop_sequence"), city.random("express times"))
    for route, direction, trip, start_s in express_trips():
        for number in range(1, STOPS + 1):
            at_s = arrival_s(start_s, number)
            values = (trip, _clock(at_s), _clock(at_s + _AT_STOP_S), f"{route}{direction}S{number}", f"{number}")
            batch.add("", dict(zip(TIMES_HEADER, values, strict=True)))
    batch.plant("a time that is none", "VALUE_UNREADABLE", 3, replace_field("arrival_time", "24:61:00", "约十分"))
    batch.plant("no stop", "REQUIRED_MISSING", 3, replace_field("stop_id", None))
    batch.plant("leaves before it arrives", "DEPARTURE_BEFORE_ARRIVAL", 3, _leave_early)
    batch.contradict(2, replace_field("stop_id", "K9S0"))
    batch.repeat(3)
    return batch


def write_trips(batch: PlantedBatch, folder: Path) -> None:
    """Begin the zip: routes, stops, calendar and trips."""
    stops = [f"{route}{direction}S{number}" for route in _ROUTES for direction in "01" for number in (1, 2, 3)]
    tables: dict[str, tuple[Sequence[str], Sequence[Sequence[str]]]] = {
        "agency.txt": (
            ("agency_id", "agency_name", "agency_url", "agency_timezone"),
            [("KX", "澜海快线", "https://express.lanhai.example", "Asia/Shanghai")],
        ),
        "routes.txt": (("route_id", "route_short_name", "route_type"), [(route, route, "3") for route in _ROUTES]),
        "stops.txt": (("stop_id", "stop_name"), [(stop, f"{stop}站") for stop in stops]),
        "calendar.txt": (
            ("service_id", *_weekdays(), "start_date", "end_date"),
            [("D", *"1111111", "20260101", "20261231")],
        ),
        "trips.txt": (TRIPS_HEADER, [[fields[name] or "" for name in TRIPS_HEADER] for fields in batch.of("")]),
    }
    with ZipFile(folder / "files/transit" / FEED_FILE, "w") as feed:
        for name, (header, lines) in tables.items():
            _put(feed, name, header, lines)


def write_times(batch: PlantedBatch, folder: Path) -> None:
    """Add the stop times to the zip."""
    with ZipFile(folder / "files/transit" / FEED_FILE, "a") as feed:
        lines = [[fields[name] or "" for name in TIMES_HEADER] for fields in batch.of("")]
        _put(feed, "stop_times.txt", TIMES_HEADER, lines)


def _put(feed: ZipFile, name: str, header: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([header, *lines])
    feed.writestr(ZipInfo(name), text.getvalue(), ZIP_DEFLATED)


def _weekdays() -> tuple[str, ...]:
    return ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _clock(at_s: int) -> str:
    return f"{at_s // 3600:02d}:{at_s // 60 % 60:02d}:{at_s % 60:02d}"


def _leave_early(fields: RecordFields, _: Random) -> None:
    fields["departure_time"] = "05:00:00"
