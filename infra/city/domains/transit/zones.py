"""The traffic zones of the city: GeoJSON, four boxes around the middle of each district."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS, District
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields

ZONES_FILE = "交通小区.geojson"
_HALF_DEG = 0.02
_EDGE_DEG = 0.003
_SIDES = ((-1, -1, "西南"), (1, -1, "东南"), (-1, 1, "西北"), (1, 1, "东北"))
_SPARE = District("990101", "临江区", "临江", 120.50, 30.10, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Zone:
    """One zone with its middle, WGS-84."""

    code: str
    name: str
    district: District
    longitude_deg: float
    latitude_deg: float

    def place(self, rng: Random) -> tuple[float, float]:
        """Longitude and latitude of a place within it, away from its borders."""
        reach = _HALF_DEG - _EDGE_DEG
        return self.longitude_deg + rng.uniform(-reach, reach), self.latitude_deg + rng.uniform(-reach, reach)


def _zones_of(district: District) -> Iterator[Zone]:
    for number, (east, north, side) in enumerate(_SIDES, 1):
        yield Zone(
            f"TZ{district.code[-2:]}{number}",
            f"{district.short}{side}小区",
            district,
            round(district.longitude_deg + east * _HALF_DEG, 4),
            round(district.latitude_deg + north * _HALF_DEG, 4),
        )


ZONES = tuple(zone for district in DISTRICTS for zone in _zones_of(district))


def busy_zone(rng: Random) -> Zone:
    """A zone, in a busy district rather than in a quiet one."""
    return rng.choices(ZONES, [zone.district.bustle for zone in ZONES])[0]


def generate_zones(city: City) -> PlantedBatch:
    """Every zone, and planned ones without any trip, which have the faults."""
    batch = PlantedBatch("transit.zones", ("zone", "name"), city.random("traffic zones"))
    for zone in ZONES:
        batch.add(ZONES_FILE, _fields(zone, zone.district.short))
    spare = [Zone(f"TZ99{n}", f"规划{n}小区", _SPARE, 120.5 + n / 10, 30.1) for n in range(1, 4)]
    batch.add(ZONES_FILE, _fields(spare[0], "外市"))
    batch.note("a district that is not the city's", "CODE_UNKNOWN", batch.records[-1])
    batch.add(ZONES_FILE, {**_fields(spare[1], "临江"), "shape": "crossed"})
    batch.note("an outline that crosses itself", "GEOMETRY_INVALID", batch.records[-1])
    batch.add(ZONES_FILE, {**_fields(spare[2], "临江"), "zone": None})
    batch.note("no number", "REQUIRED_MISSING", batch.records[-1])
    return batch


def write_zones_file(batch: PlantedBatch, folder: Path) -> None:
    """Write the features."""
    document = {"type": "FeatureCollection", "features": [_feature(each) for each in batch.of(ZONES_FILE)]}
    text = json.dumps(document, ensure_ascii=False, indent=0)
    (folder / "files/transit" / ZONES_FILE).write_text(text, encoding="utf-8")


def _fields(zone: Zone, district: str) -> RecordFields:
    return {
        "zone": zone.code,
        "name": zone.name,
        "district": district,
        "lng": f"{zone.longitude_deg:.4f}",
        "lat": f"{zone.latitude_deg:.4f}",
        "shape": "box",
    }


def _feature(fields: RecordFields) -> dict[str, Any]:
    x, y, h = float(fields["lng"] or 0), float(fields["lat"] or 0), _HALF_DEG
    box = [[x - h, y - h], [x + h, y - h], [x + h, y + h], [x - h, y + h], [x - h, y - h]]
    crossed = [box[0], box[2], box[1], box[3], box[0]]
    ring = box if fields["shape"] == "box" else crossed
    return {
        "type": "Feature",
        "properties": {name: fields[name] for name in ("zone", "name", "district")},
        "geometry": {"type": "Polygon", "coordinates": [[[round(lng, 4), round(lat, 4)] for lng, lat in ring]]},
    }
