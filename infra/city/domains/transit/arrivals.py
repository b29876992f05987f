"""What the express buses did: GTFS-Realtime messages, archived at the end of each shift of four days.

Some trips never ran, some came right before the next one. Nothing in a message says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS
from citylake.infra.city.domains.transit.service_feed import STOPS, arrival_s, express_trips
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

DAYS = 4
TRIP, DAY = "trip_update.trip.trip_id", "trip_update.trip.start_date"
STOP, NUMBER = "trip_update.stop_time_update.stop_id", "trip_update.stop_time_update.stop_sequence"
TIME = "trip_update.stop_time_update.arrival.time"
_SHIFT_H = 6
_MISSING, _BUNCHED = 0.02, 0.03
_HELD_UP_S = 10 * 60
_UTC_PLUS_8 = timedelta(hours=8)


def generate_arrivals(city: City) -> PlantedBatch:
    """Every stop that a trip made."""
    batch = PlantedBatch("transit.arrivals", (TRIP, DAY, NUMBER), city.random("arrivals"))
    for day in list(city.dates)[:DAYS]:
        for trip, start_s, late_s in _ran(city, batch.rng, day):
            for number in range(1, STOPS + 1):
                batch.add(_file(day, start_s), _fields(day, trip, number, arrival_s(start_s, number) + late_s))
    batch.plant("a time that is none", "EPOCH_IMPLAUSIBLE", 6, replace_field(TIME, "0"))
    batch.plant("no stop", "REQUIRED_MISSING", 5, replace_field(STOP, None))
    batch.plant("a stop number beyond every trip", "VALUE_OUT_OF_RANGE", 4, replace_field(NUMBER, "4000000000"))
    batch.contradict(5, replace_field(TIME, "1771804800"))
    batch.repeat(6)
    return batch


def write_arrival_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one message a shift; a cancelled trip in it has no stops."""
    for name, records in batch.by_source().items():
        (folder / "files/transit" / name).write_bytes(_message(records).SerializeToString())


def _ran(city: City, rng: Random, day: date) -> Iterator[tuple[str, int, int]]:
    """Trip, departure and lateness in seconds of the trips that ran; the next trip is never missing or held up too."""
    before = ""
    for _, _, trip, start_s in express_trips():
        draw = rng.random()
        state = "" if before else "missing" if draw < _MISSING else "held" if draw < _MISSING + _BUNCHED else ""
        before = state
        if state != "missing":
            yield trip, start_s, (_HELD_UP_S if state == "held" else 0) + _late_s(city, rng, day, start_s)


def _late_s(city: City, rng: Random, day: date, start_s: int) -> int:
    hour = (day - city.start).days * 24 + start_s // 3600
    slow = 1 - city.speed_share(DISTRICTS[0], hour)
    return round(30 * slow) + rng.randrange(25)


def _file(day: date, start_s: int) -> str:
    return f"trip_updates_{day:%Y%m%d}_{start_s // 3600 // _SHIFT_H}.pb"


def _fields(day: date, trip: str, number: int, at_s: int) -> RecordFields:
    local = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=at_s)
    route, direction, _ = trip.split("-")
    return {
        TRIP: trip,
        DAY: f"{day:%Y%m%d}",
        NUMBER: f"{number}",
        STOP: f"{route}{direction}S{number}",
        TIME: f"{int((local - _UTC_PLUS_8).timestamp())}",
    }


def _message(records: list[RecordFields]) -> Any:
    from google.transit import gtfs_realtime_pb2 as realtime

    message = realtime.FeedMessage()
    message.header.gtfs_realtime_version = "2.0"
    message.header.timestamp = max(int(fields[TIME] or 0) for fields in records)
    updates: dict[str, Any] = {}
    for fields in records:
        trip = fields[TRIP] or ""
        if trip not in updates:
            updates[trip] = message.entity.add(id=f"T{trip}").trip_update
            updates[trip].trip.trip_id, updates[trip].trip.start_date = trip, fields[DAY]
        call = updates[trip].stop_time_update.add(stop_sequence=int(fields[NUMBER] or 0))
        call.arrival.time = int(fields[TIME] or 0)
        if fields[STOP]:
            call.stop_id = fields[STOP]
    cancelled = message.entity.add(id="C").trip_update.trip
    cancelled.trip_id, cancelled.schedule_relationship = "K1-0-9999", cancelled.CANCELED
    return message
