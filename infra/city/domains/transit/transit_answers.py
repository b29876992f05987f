"""What the marts must answer, computed from the records and never from a mart."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.transit.arrivals import DAY, NUMBER, TIME, TRIP
from citylake.infra.city.domains.transit.vehicle_positions import FAST_KMH
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields


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


def _good(batches: Mapping[str, PlantedBatch], dataset: str) -> list[RecordFields]:
    return [record.fields for record in batches[dataset].records if record.good]


def _stop(trip: str | None, number: str | None) -> tuple[str, ...]:
    route, direction, _ = (trip or "").split("-")
    return route, direction, number or ""


def _minute(trip: str | None) -> int:
    return int((trip or "").rpartition("-")[2])


ANSWERS = {
    "connected_vehicles.fast": fast_positions,
    "transit_service.missing": missing_trips,
    "transit_service.bunched": bunched_arrivals,
}
