"""Gauges of water on roads: gzipped JSON lines of a device platform, one file a day; epoch seconds, centimetres."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, timedelta
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS, District
from citylake.infra.city.domains.flooding.floods import road_depth_cm
from citylake.infra.city.generate.nested_json import nest_fields
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

_KEY = ("dev", "t", "lvl")
_UTC_PLUS_8 = timedelta(hours=8)
_SHARES = (1.0, 0.8)
"""Depth at each of a district's gauges, as a share of that at its lowest road."""


def generate_points(city: City) -> PlantedBatch:
    """What each gauge reported once an hour."""
    batch = PlantedBatch("environment.waterlogging_points", _KEY, city.random("waterlogging points"))
    for hour in range(city.hours):
        for district in DISTRICTS:
            for number, share in enumerate(_SHARES, 1):
                file = f"points_{city.at(hour):%Y%m%d}.jsonl.gz"
                batch.add(file, _fields(city, batch.rng, district, hour, number, share))
    _spoil(batch)
    return batch


def write_point_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one compressed file a day; its bytes do not depend on the time of writing."""
    for name, records in batch.by_source().items():
        lines = "".join(json.dumps(nest_fields(fields, numbers=True), ensure_ascii=False) + "\n" for fields in records)
        (folder / "files/flooding" / name).write_bytes(gzip.compress(lines.encode(), mtime=0))


def _fields(city: City, rng: Random, district: District, hour: int, number: int, share: float) -> RecordFields:
    when = city.at(hour) + timedelta(minutes=50, seconds=rng.randrange(500))
    depth_cm = share * road_depth_cm(city, district, hour) * rng.uniform(0.95, 1.05) + rng.uniform(0, 0.4)
    return {
        "dev": f"JS{district.code}-{number}",
        "area": district.short,
        "t": str(int((when - _UTC_PLUS_8).replace(tzinfo=UTC).timestamp())),
        "lvl": f"{depth_cm:.1f}",
        "bat": f"{rng.uniform(3.3, 4.1):.2f}",
    }


def _spoil(batch: PlantedBatch) -> None:
    batch.warn("BATTERY_LOW", 9, replace_field("bat", "2.71", "2.88"))
    batch.plant("a depth below the road", "VALUE_OUT_OF_RANGE", 6, replace_field("lvl", "-4.2"))
    batch.plant("a word in place of a depth", "VALUE_UNREADABLE", 5, replace_field("lvl", "ERR", "OVL"))
    batch.plant("an area that is not the city's", "CODE_UNKNOWN", 4, replace_field("area", "邻县"))
    batch.plant("a time that is none", "TIME_UNREADABLE", 4, replace_field("t", "boot"))
    batch.plant("no device", "REQUIRED_MISSING", 4, replace_field("dev", None))
    batch.contradict(4, replace_field("lvl", "99.9"))
    batch.repeat(8)
