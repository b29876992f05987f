"""What the marts must answer, computed from the records and never from a mart."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.transit.arrivals import DAY, NUMBER, TIME, TRIP
from citylake.infra.city.domains.transit.card_taps import BOARDING, BUS, EXIT, TAP_TIME
from citylake.infra.city.domains.transit.vehicle_positions import FAST_KMH
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields

_TRANSFER = timedelta(minutes=30)
_LEAST_GROUP = 10


def fast_positions(_: City, batches: Mapping[str, PlantedBatch]) -> int:
    """Positions faster than the limit."""
    records = batches["transit.vehicle_positions"].records
    return sum(record.good and float(record.fields["speed"] or 0) > FAST_KMH for record in records)


def missing_trips(_: City, batches: Mapping[str, PlantedBatch]) -> int:
    """Planned trips without any observed stop, on days with any."""
    seen = {(fields[DAY], fields[TRIP]) for fields in _good(batches, "transit.arrivals")}
    known = {fields["trip_id"] for fields in _good(batches, "transit.trips")}
    planned = known & {fields["trip_id"] for fields in _good(batches, "transit.timetable")}
    return sum((day, trip) not in seen for day in {day for day, _ in seen} for trip in planned)


def bunched_arrivals(_: City, batches: Mapping[str, PlantedBatch]) -> int:
    """Arrivals at a planned stop within a quarter of the planned headway after the one before."""
    known = {fields["trip_id"] for fields in _good(batches, "transit.trips")}
    planned: dict[tuple[str, ...], list[int]] = {}
    for fields in _good(batches, "transit.timetable"):
        if fields["trip_id"] in known:
            planned.setdefault(_stop(fields["trip_id"], fields["stop_sequence"]), []).append(_minute(fields["trip_id"]))
    observed: dict[tuple[str, ...], list[tuple[int, int]]] = {}
    for fields in _good(batches, "transit.arrivals"):
        if fields[TRIP] in known:
            place = (fields[DAY] or "", *_stop(fields[TRIP], fields[NUMBER]))
            observed.setdefault(place, []).append((int(fields[TIME] or 0), _minute(fields[TRIP])))
    gaps = {
        (place, after): 60 * (after - before)
        for place, minutes in planned.items()
        for before, after in pairwise(sorted(minutes))
    }
    return sum(
        (after - before) * 4 < gaps.get((place[1:], minute), 0)
        for place, times in observed.items()
        for (before, _), (after, minute) in pairwise(sorted(times))
    )


def all_rides(_: City, batches: Mapping[str, PlantedBatch]) -> int:
    """Boardings of buses, entries of the metro and rides of taxis."""
    boardings = sum(fields["行业"] == BUS for fields in _good(batches, "transit.card_taps"))
    entries = sum(int(fields["entries"] or 0) for fields in _good(batches, "transit.metro_gates"))
    return boardings + entries + len(_good(batches, "transit.taxi_trips"))


def transfers(_: City, batches: Mapping[str, PlantedBatch]) -> int:
    """Boardings within half an hour of leaving the metro, in districts and on days with ten cards or more."""
    taps = _good(batches, "transit.card_taps")
    exits: dict[str | None, list[datetime]] = {}
    for fields in taps:
        if fields["交易类型"] == EXIT:
            exits.setdefault(fields["卡号"], []).append(_moment(fields))
    groups: dict[tuple[str | None, date], list[str | None]] = {}
    for fields in taps:
        if fields["交易类型"] == BOARDING:
            at = _moment(fields)
            found = sum(timedelta() < at - left <= _TRANSFER for left in exits.get(fields["卡号"], ()))
            groups.setdefault((fields["区"], at.date()), []).extend([fields["卡号"]] * found)
    return sum(len(cards) for cards in groups.values() if len(set(cards)) >= _LEAST_GROUP)


def _moment(fields: RecordFields) -> datetime:
    return datetime.strptime(fields["交易时间"] or "", TAP_TIME)  # noqa: DTZ007


def _good(batches: Mapping[str, PlantedBatch], dataset: str) -> list[RecordFields]:
    return [record.fields for record in batches[dataset].records if record.good]


def _stop(trip: str | None, number: str | None) -> tuple[str, ...]:
    route, direction, _ = (trip or "").split("-")
    return route, direction, number or ""


def _minute(trip: str | None) -> int:
    return int((trip or "").rpartition("-")[2])


ANSWERS = {
    "ridership.rides": all_rides,
    "transfers.transfers": transfers,
    "connected_vehicles.fast": fast_positions,
    "transit_service.missing": missing_trips,
    "transit_service.bunched": bunched_arrivals,
}
