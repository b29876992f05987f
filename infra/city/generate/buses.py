"""Bus positions: JSON lines, one file a day; WGS-84, m/s, epoch seconds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS
from citylake.infra.city.generate.json_lines import write_json_lines
from citylake.infra.city.generate.nested_json import nest_fields
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

_KEY = ("vehicleId", "ts")
_BUSES = 24
_EVERY_MIN = 20
_FIRST_HOUR, _LAST_HOUR = 6, 22
_UTC_PLUS_8 = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class _Bus:
    number: int

    @property
    def code(self) -> str:
        return f"LHB{self.number:04d}"

    @property
    def line(self) -> str:
        return f"{self.number % 6 + 1}路"


def generate_buses(city: City) -> PlantedBatch:
    """The position of each bus every 20 minutes of the service day."""
    batch = PlantedBatch("traffic.bus_positions", _KEY, city.random("buses"))
    for hour in range(city.hours):
        if _FIRST_HOUR <= city.at(hour).hour < _LAST_HOUR:
            for minute in range(0, 60, _EVERY_MIN):
                for number in range(1, _BUSES + 1):
                    batch.add(
                        f"positions_{city.at(hour):%Y%m%d}.jsonl", _fields(city, batch.rng, _Bus(number), hour, minute)
                    )
    _spoil(batch)
    return batch


def write_bus_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one JSON object per line; numbers are numbers, ids are text."""
    for name, records in batch.by_source().items():
        write_json_lines(folder / "files/bus" / name, (nest_fields(fields, numbers=True) for fields in records))


def _fields(city: City, rng: Random, bus: _Bus, hour: int, minute: int) -> RecordFields:
    district = DISTRICTS[bus.number % len(DISTRICTS)]
    when = city.at(hour) + timedelta(minutes=minute, seconds=rng.randrange(60))
    angle = 2 * math.pi * ((hour * 60 + minute) / 95 + bus.number / _BUSES)
    stopped = rng.random() < 0.15
    speed_ms = 0.0 if stopped else 11.5 * city.speed_share(district, hour) * rng.uniform(0.7, 1.2)
    return {
        "vehicleId": bus.code,
        "line": bus.line,
        "ts": str(int((when - _UTC_PLUS_8).replace(tzinfo=UTC).timestamp())),
        "pos.lon": f"{district.longitude_deg + 0.04 * math.cos(angle):.6f}",
        "pos.lat": f"{district.latitude_deg + 0.03 * math.sin(angle):.6f}",
        "speed": f"{speed_ms:.2f}",
    }


def _spoil(batch: PlantedBatch) -> None:
    batch.plant("a speed beyond every bus", "VALUE_OUT_OF_RANGE", 8, replace_field("speed", "99.99"))
    batch.plant("a time that is none", "TIME_UNREADABLE", 3, replace_field("ts", "not yet"))
    batch.plant("no vehicle", "REQUIRED_MISSING", 4, replace_field("vehicleId", None))
    batch.plant("a latitude beyond the pole", "VALUE_OUT_OF_RANGE", 3, replace_field("pos.lat", "305.124"))
    batch.contradict(4, replace_field("speed", "1.01"))
    batch.repeat(10)
