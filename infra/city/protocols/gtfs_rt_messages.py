"""GTFS-Realtime messages from the city's bus positions and timetable."""

from __future__ import annotations

import csv
import io
import json
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zipfile import ZipFile

from google.transit import gtfs_realtime_pb2 as realtime

from citylake.infra.city.generate import timetable
from citylake.infra.city.serve.city_data import CityData

SLOT_S = 20 * 60
_LOCAL = timezone(timedelta(hours=8))
_ENDS_MIN = 50


@dataclass(frozen=True, slots=True)
class BusSnapshot:
    """One moment: its time (POSIX seconds), the bus positions, and the calls of running trips, by trip."""

    stamp: int
    positions: list[dict[str, Any]]
    trips: dict[str, list[dict[str, str]]]


def bus_snapshots(held: CityData) -> list[BusSnapshot]:
    """Every 20 minutes of the service days, in order. Records without a readable time are never sent."""
    slots: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for path in sorted((held.folder / "files/bus").glob("positions_*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            record = json.loads(line)
            if isinstance(record["ts"], int):
                slots[record["ts"] // SLOT_S].append(record)
    trips = _trips(held)
    return [BusSnapshot(max(each["ts"] for each in found), found, trips) for _, found in sorted(slots.items())]


def vehicle_positions(now: BusSnapshot) -> Any:
    """VehiclePosition of every bus; a record that was sent twice is another entity."""
    message = _message(now)
    for number, record in enumerate(now.positions):
        entity = message.entity.add(id=f"V{number:03d}")
        vehicle = entity.vehicle
        vehicle.timestamp = record["ts"]
        if record["vehicleId"] is not None:
            vehicle.vehicle.id = record["vehicleId"]
        vehicle.trip.route_id = f"R{record['line'].removesuffix('路')}"
        place = record["pos"]
        vehicle.position.latitude, vehicle.position.longitude = place["lat"], place["lon"]
        vehicle.position.speed = record["speed"]
        vehicle.current_status = vehicle.STOPPED_AT if record["speed"] == 0 else vehicle.IN_TRANSIT_TO
    return message


def trip_updates(now: BusSnapshot) -> Any:
    """TripUpdate of every running trip; the first is cancelled, and has no calls."""
    message = _message(now)
    for number, (trip, calls) in enumerate(_running(now)):
        update = message.entity.add(id=f"T{trip}").trip_update
        update.trip.trip_id, update.trip.route_id = trip, trip.partition("-")[0]
        update.trip.start_date = f"{datetime.fromtimestamp(now.stamp, _LOCAL):%Y%m%d}"
        update.timestamp = now.stamp
        if number == 0:
            update.trip.schedule_relationship = update.trip.CANCELED
            continue
        for call in calls:
            _call(update.stop_time_update.add(), call, _delay_s(trip, now), now)
    return message


def service_alerts(now: BusSnapshot) -> Any:
    """One alert about two routes, in two languages."""
    message = _message(now)
    alert = message.entity.add(id="A1").alert
    alert.active_period.add(start=now.stamp, end=now.stamp + 3 * SLOT_S)
    alert.cause, alert.effect = alert.WEATHER, alert.SIGNIFICANT_DELAYS
    for route in ("R1", "R2"):
        alert.informed_entity.add(route_id=route)
    for language, text in (("zh", "大雨，车辆晚点"), ("en", "Heavy rain: buses are late")):
        alert.header_text.translation.add(language=language, text=text)
    return message


def _message(now: BusSnapshot) -> Any:
    message = realtime.FeedMessage()
    message.header.gtfs_realtime_version = "2.0"
    message.header.incrementality = message.header.FULL_DATASET
    message.header.timestamp = now.stamp
    return message


def _running(now: BusSnapshot) -> Iterator[tuple[str, list[dict[str, str]]]]:
    clock = datetime.fromtimestamp(now.stamp, _LOCAL)
    minute = clock.hour * 60 + clock.minute
    for trip, calls in now.trips.items():
        if 0 <= minute - int(trip.partition("-")[2]) < _ENDS_MIN:
            yield trip, calls


def _call(update: Any, call: dict[str, str], delay_s: int, now: BusSnapshot) -> None:
    update.stop_sequence, update.stop_id = int(call["stop_sequence"]), call["stop_id"]
    midnight = datetime.fromtimestamp(now.stamp, _LOCAL).replace(hour=0, minute=0, second=0)
    for event, field in ((update.arrival, "arrival_time"), (update.departure, "departure_time")):
        hours, minutes, seconds = (int(part) for part in call[field].split(":"))
        due = midnight + timedelta(hours=hours, minutes=minutes, seconds=seconds + delay_s)
        event.delay, event.time = delay_s, int(due.astimezone(UTC).timestamp())


def _delay_s(trip: str, now: BusSnapshot) -> int:
    return zlib.crc32(f"{trip}/{now.stamp}".encode()) % 420 - 60


def _trips(held: CityData) -> dict[str, list[dict[str, str]]]:
    """Calls by trip, without the rows that have planted faults."""
    with ZipFile(held.folder / timetable.TIMETABLE_FILE) as feed:
        rows = list(csv.DictReader(io.TextIOWrapper(feed.open("stop_times.txt"), "utf-8")))
    trips: dict[str, dict[str, dict[str, str]]] = defaultdict(dict)
    for row in rows:
        if row["stop_id"] and row["stop_sequence"].isdecimal() and row["arrival_time"].replace(":", "").isdecimal():
            trips[row["trip_id"]].setdefault(row["stop_sequence"], row)
    return {trip: list(calls.values()) for trip, calls in trips.items()}
