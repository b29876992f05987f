"""Rides of taxis from their meters: a text a day with bars, pick-up points in GCJ-02."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.transit.zones import busy_zone
from citylake.infra.city.generate.gcj02 import wgs84_to_gcj02
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

TAXI_HEADER = ("YYDH", "CPH", "SCSJ", "XCSJ", "LC_KM", "JE_YUAN", "SC_JD", "SC_WD")
_KEY = ("YYDH", "SCSJ")
_A_DAY = 150
_TIME = "%Y-%m-%d %H:%M:%S"
_MOVES, _LONGEST_S = "SCSJ", 4 * 3600


def generate_taxi_trips(city: City) -> PlantedBatch:
    """Rides through the day, more of them where and when the roads are full."""
    batch = PlantedBatch("transit.taxi_trips", _KEY, city.random("taxi trips"))
    for day in city.dates:
        for number in range(1, _A_DAY + 1):
            batch.add(f"taxi_{day:%Y%m%d}.txt", _fields(city, batch.rng, datetime.combine(day, time()), number))
    batch.plant("a fare below nothing", "VALUE_OUT_OF_RANGE", 6, replace_field("JE_YUAN", "-12.00"))
    batch.plant("a ride without distance", "RIDE_WITHOUT_DISTANCE", 5, replace_field("LC_KM", "0.00"))
    batch.plant("ended before it began", "RIDE_ENDS_BEFORE_START", 4, _end_early)
    batch.plant("a pick-up beyond the pole", "VALUE_OUT_OF_RANGE", 3, replace_field("SC_WD", "304.1"))
    batch.plant("a distance in words", "VALUE_UNREADABLE", 3, replace_field("LC_KM", "约五"))
    batch.plant("no number", "REQUIRED_MISSING", 3, replace_field("YYDH", None))
    batch.warn("FARE_PER_KM_HIGH", 4, replace_field("JE_YUAN", "998.00"))
    batch.contradict(4, replace_field("JE_YUAN", "55.55"))
    batch.repeat(6)
    return batch


def write_taxi_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one text a day."""
    for name, records in batch.by_source().items():
        lines = ["|".join(TAXI_HEADER)]
        lines += ["|".join(fields[column] or "" for column in TAXI_HEADER) for fields in records]
        (folder / "files/transit" / name).write_bytes(("\r\n".join(lines) + "\r\n").encode())


def _fields(city: City, rng: Random, midnight: datetime, number: int) -> RecordFields:
    zone = busy_zone(rng)
    at = midnight + timedelta(seconds=round(rng.triangular(5, 23.9, 17) * 3600))
    hour = (at.date() - city.start).days * 24 + at.hour
    distance_km = round(rng.uniform(1.2, 18), 2)
    minutes = distance_km / (45 * city.speed_share(zone.district, hour)) * 60
    longitude, latitude = wgs84_to_gcj02(*zone.place(rng))
    return {
        "YYDH": f"{midnight:%Y%m%d}{number:05d}",
        "CPH": f"澜AT{rng.randint(1, 60):04d}",
        "SCSJ": at.strftime(_TIME),
        "XCSJ": (at + timedelta(minutes=minutes)).strftime(_TIME),
        "LC_KM": f"{distance_km:.2f}",
        "JE_YUAN": f"{max(10.0, 10 + 2.4 * (distance_km - 3)):.2f}",
        "SC_JD": f"{longitude:.6f}",
        "SC_WD": f"{latitude:.6f}",
        "region": zone.district.code,
    }


def _end_early(fields: RecordFields, rng: Random) -> None:
    start = datetime.strptime(fields[_MOVES] or "", _TIME)  # noqa: DTZ007
    fields["XCSJ"] = (start - timedelta(seconds=rng.randrange(60, _LONGEST_S))).strftime(_TIME)
