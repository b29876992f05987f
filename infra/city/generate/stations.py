"""The register of air stations: paged JSON with the URL of the next page; coordinates in GCJ-02, districts by code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS, District
from citylake.infra.city.generate.gcj02 import wgs84_to_gcj02
from citylake.infra.city.generate.nested_json import nest_fields
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields

STATIONS_FILE = "api/air_stations.json"
_NAMES = ("江畔", "市中心", "湖滨", "大学城", "北岭", "松山", "南浦", "渔港", "西苑", "植物园", "高新", "软件园")


@dataclass(frozen=True, slots=True)
class AirStation:
    """One air station. ``offset`` is the ratio of its readings to the district's."""

    code: str
    name: str
    district: District
    offset: float


def air_stations() -> Iterator[AirStation]:
    """Two stations a district."""
    for number, name in enumerate(_NAMES):
        district = DISTRICTS[number // 2]
        yield AirStation(f"{district.code}{number % 2 + 1:02d}A", f"{name}站", district, 1.04 - 0.08 * (number % 2))


def generate_stations(city: City) -> PlantedBatch:
    """The register, with one station in a district that is not the city's, and one sent twice."""
    batch = PlantedBatch("environment.air_stations", ("code", "name"), city.random("stations"))
    for station in air_stations():
        batch.add("", _fields(batch.rng, station))
    stray = AirStation("99019901A", "外环站", DISTRICTS[0], 1.0)
    batch.add("", {**_fields(batch.rng, stray), "region": "990199"})
    batch.note("a district code that no list has", "CODE_UNKNOWN", batch.records[-1])
    batch.repeat(1)
    return batch


def write_stations_file(batch: PlantedBatch, folder: Path) -> None:
    """Write all records as one JSON list; the server splits it into pages."""
    rows = [nest_fields(fields) for fields in batch.of("")]
    (folder / STATIONS_FILE).write_text(json.dumps(rows, ensure_ascii=False, indent=0), encoding="utf-8")


def _fields(rng: Random, station: AirStation) -> RecordFields:
    spot = station.district
    longitude, latitude = wgs84_to_gcj02(
        spot.longitude_deg + rng.uniform(-0.04, 0.04), spot.latitude_deg + rng.uniform(-0.03, 0.03)
    )
    return {
        "code": station.code,
        "name": station.name,
        "region": spot.code,
        "place.lng": f"{longitude:.6f}",
        "place.lat": f"{latitude:.6f}",
    }
