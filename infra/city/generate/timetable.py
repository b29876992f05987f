"""The bus timetable: a GTFS zip with trips past midnight, a BOM in one file and a column of the operator's own."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

TIMETABLE_FILE = "files/gtfs/lanhai_gtfs.zip"
TIMETABLE_HEADER = ("trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence", "platform_note")
_KEY = ("trip_id", "stop_sequence")
_ROUTES = 6
_STOPS = 10
_FIRST_MIN, _LAST_MIN, _EVERY_MIN = 6 * 60, 24 * 60, 45
_BETWEEN_STOPS_MIN = 5

GtfsTable = tuple[Sequence[str], Sequence[Sequence[str]]]


def generate_timetable(city: City) -> PlantedBatch:
    """Every stop of every trip of one service day."""
    batch = PlantedBatch("traffic.bus_timetable", _KEY, city.random("timetable"))
    for route in range(1, _ROUTES + 1):
        for start_min in range(_FIRST_MIN + route, _LAST_MIN, _EVERY_MIN):
            for stop in range(_STOPS):
                batch.add("", _fields(route, start_min, stop))
    batch.plant("a time that is none", "VALUE_UNREADABLE", 3, replace_field("arrival_time", "24:61:00", "late"))
    batch.plant("no stop", "REQUIRED_MISSING", 3, replace_field("stop_id", None))
    batch.plant("a stop number below none", "VALUE_OUT_OF_RANGE", 2, replace_field("stop_sequence", "-1", "-2"))
    batch.contradict(2, replace_field("stop_id", "S0000"))
    batch.repeat(3)
    return batch


def write_timetable_zip(batch: PlantedBatch, folder: Path) -> None:
    """Write one zip with the seven tables that every reader of GTFS expects. The same batch gives the same bytes."""
    rows = [[fields[column] or "" for column in TIMETABLE_HEADER] for fields in batch.of("")]
    tables = {**_fixed(), "trips.txt": _trips(batch), "stop_times.txt": (TIMETABLE_HEADER, rows)}
    with ZipFile(folder / TIMETABLE_FILE, "w") as feed:
        for name, (header, lines) in tables.items():
            encoding = "utf-8-sig" if name == "stops.txt" else "utf-8"
            feed.writestr(ZipInfo(name), _text(header, lines).encode(encoding), ZIP_DEFLATED)


def _fields(route: int, start_min: int, stop: int) -> RecordFields:
    arrival_min = start_min + stop * _BETWEEN_STOPS_MIN
    return {
        "trip_id": f"R{route}-{start_min:04d}",
        "arrival_time": _clock(arrival_min, 0),
        "departure_time": _clock(arrival_min, 30),
        "stop_id": f"S{route}{stop:02d}",
        "stop_sequence": str(stop + 1),
        "platform_note": "",
    }


def _clock(minutes: int, seconds: int) -> str:
    """Hours of the service day, which exceed 24."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"


def _fixed() -> dict[str, GtfsTable]:
    agency = ("agency_id", "agency_name", "agency_url", "agency_timezone")
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    routes = [[f"R{n}", "LH", f"{n}路", "3"] for n in range(1, _ROUTES + 1)]
    return {
        "agency.txt": (agency, [["LH", "澜海公交", "https://bus.lanhai.example", "Asia/Shanghai"]]),
        "calendar.txt": (("service_id", *days, "start_date", "end_date"), [["D", *"1111111", "20260101", "20261231"]]),
        "calendar_dates.txt": (("service_id", "date", "exception_type"), [["D", "20261001", "2"]]),
        "routes.txt": (("route_id", "agency_id", "route_short_name", "route_type"), routes),
        "stops.txt": (("stop_id", "stop_name", "stop_lat", "stop_lon"), list(_stops())),
    }


def _stops() -> Iterator[list[str]]:
    for route in range(1, _ROUTES + 1):
        district = DISTRICTS[route % len(DISTRICTS)]
        for stop in range(_STOPS):
            longitude_deg = district.longitude_deg + 0.008 * (stop - _STOPS / 2)
            name = f"{district.short}{stop + 1}站"
            yield [f"S{route}{stop:02d}", name, f"{district.latitude_deg:.6f}", f"{longitude_deg:.6f}"]
    yield ["S999", "待建站", "", ""]


def _trips(batch: PlantedBatch) -> GtfsTable:
    trips = dict.fromkeys(fields["trip_id"] or "" for fields in batch.of(""))
    return ("route_id", "service_id", "trip_id"), [[trip.partition("-")[0], "D", trip] for trip in trips]


def _text(header: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([header, *lines])
    return text.getvalue()
