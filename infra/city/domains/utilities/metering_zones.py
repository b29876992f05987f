"""The metering zones of the water network: GeoJSON with the district of each, the pipe and whom it supplies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from citylake.infra.city.city_model import City
from citylake.infra.city.communities import COMMUNITIES
from citylake.infra.city.districts import DISTRICTS, District
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields

ZONES_FILE = "计量分区.geojson"
_SIDES = ("东", "西")
_HALF_DEG = 0.035


@dataclass(frozen=True, slots=True)
class MeteringZone:
    """One zone. ``longitude_deg`` and ``latitude_deg`` are its middle, in WGS-84."""

    code: str
    name: str
    district: District
    customers: int
    longitude_deg: float
    latitude_deg: float


def metering_zones() -> Iterator[MeteringZone]:
    """Two zones a district."""
    for district in DISTRICTS:
        residents = sum(each.residents for each in COMMUNITIES if each.district is district)
        for number, side in enumerate(_SIDES, 1):
            share = 0.55 if number == 1 else 0.45
            middle = district.longitude_deg + (0.04 if number == 1 else -0.04)
            name = f"{district.short}{side}区"
            code = f"DMA{district.code[-2:]}{number}"
            yield MeteringZone(code, name, district, round(residents * share / 2.7), middle, district.latitude_deg)


def generate_zones(city: City) -> PlantedBatch:
    """One feature a zone, one in a district that is not the city's, one whose ring does not close."""
    batch = PlantedBatch("utilities.metering_zones", ("dma_id", "dma_name"), city.random("zones"))
    for number, zone in enumerate(metering_zones()):
        batch.add(ZONES_FILE, _fields(zone, number))
    outside = MeteringZone("DMA991", "外供区", DISTRICTS[0], 40, 120.5, 30.5)
    batch.add(ZONES_FILE, {**_fields(outside, 0), "district": "外市"})
    batch.note("a district that is not the city's", "CODE_UNKNOWN", batch.records[-1])
    crossed = MeteringZone("DMA992", "在建区", DISTRICTS[1], 0, 121.2, 30.5)
    batch.add(ZONES_FILE, {**_fields(crossed, 1), "shape": "crossed"})
    batch.note("an outline that crosses itself", "GEOMETRY_INVALID", batch.records[-1])
    return batch


def write_zones_file(batch: PlantedBatch, folder: Path) -> None:
    """Write the features."""
    features = [_feature(fields) for fields in batch.of(ZONES_FILE)]
    document = {"type": "FeatureCollection", "name": "dma", "features": features}
    text = json.dumps(document, ensure_ascii=False, indent=0)
    (folder / "files/utilities" / ZONES_FILE).write_text(text, encoding="utf-8")


def _fields(zone: MeteringZone, number: int) -> RecordFields:
    return {
        "dma_id": zone.code,
        "dma_name": zone.name,
        "district": zone.district.name,
        "customers": f"{zone.customers}",
        "material": ("球墨铸铁", "PE", "钢管")[number % 3],
        "dn": ("DN600", "DN400", "DN800")[number % 3][2:],
        "lng": f"{zone.longitude_deg:.4f}",
        "lat": f"{zone.latitude_deg:.4f}",
        "shape": "box",
    }


def _feature(fields: RecordFields) -> dict[str, Any]:
    named = ("dma_id", "dma_name", "district", "customers", "material", "dn")
    longitude, latitude = float(fields["lng"] or 0), float(fields["lat"] or 0)
    west, east, south, north = longitude - _HALF_DEG, longitude + _HALF_DEG, latitude - _HALF_DEG, latitude + _HALF_DEG
    box = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    crossed = [[west, south], [east, north], [east, south], [west, north], [west, south]]
    ring = box if fields["shape"] == "box" else crossed
    rounded = [[round(x, 4), round(y, 4)] for x, y in ring]
    return {
        "type": "Feature",
        "properties": {name: fields[name] for name in named},
        "geometry": {"type": "Polygon", "coordinates": [rounded]},
    }
