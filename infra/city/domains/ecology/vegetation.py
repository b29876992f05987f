"""Vegetation from satellites: one GeoJSON a composite of 16 days, the index times 10,000, -3000 for no value."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS, District
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

_KEY = ("cell", "start")
_CELLS = 4
_DAYS = 16
_COMPOSITES = 5
_STEP_DEG = 0.02


def composite_days(city: City) -> list[date]:
    """The first days of the last composites; a year's begin on its first day, every 16 days."""
    last = city.start + timedelta(days=city.days - 1)
    first = date(last.year, 1, 1)
    days = [first + timedelta(days=_DAYS * n) for n in range(366 // _DAYS + 1)]
    return [day for day in days if day <= last][-_COMPOSITES:]


def generate_vegetation(city: City) -> PlantedBatch:
    """The index of each cell and composite."""
    batch = PlantedBatch("environment.vegetation_index", _KEY, city.random("vegetation"))
    for number, day in enumerate(composite_days(city)):
        for district, cell in _cells():
            batch.add(_file(day), _fields(batch.rng, district, cell, day, number))
    _spoil(batch)
    return batch


def write_vegetation_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one feature collection a composite; a cell is a square."""
    squares = {f"ZB{district.code}-{cell}": _square(district, cell) for district, cell in _cells()}
    for name, records in batch.by_source().items():
        features = [_feature(fields, squares) for fields in records]
        document = {"type": "FeatureCollection", "features": features}
        (folder / "files/ecology" / name).write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def _file(day: date) -> str:
    return f"ndvi_{day:%Y%j}.geojson"


def _cells() -> Iterator[tuple[District, int]]:
    for district in DISTRICTS:
        for cell in range(1, _CELLS + 1):
            yield district, cell


def _square(district: District, cell: int) -> list[list[float]]:
    west = district.longitude_deg + _STEP_DEG * ((cell - 1) % 2 - 1)
    south = district.latitude_deg + _STEP_DEG * ((cell - 1) // 2 - 1)
    corners = ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))
    return [[round(west + x * _STEP_DEG, 5), round(south + y * _STEP_DEG, 5)] for x, y in corners]


def _feature(fields: RecordFields, squares: dict[str, list[list[float]]]) -> dict[str, Any]:
    square = squares.get(fields["cell"] or "", next(iter(squares.values())))
    return {"type": "Feature", "properties": dict(fields), "geometry": {"type": "Polygon", "coordinates": [square]}}


def _fields(rng: Random, district: District, cell: int, day: date, number: int) -> RecordFields:
    green = 0.52 - 0.22 * (district.bustle - 0.65) + 0.035 * number + 0.02 * math.sin(cell) + rng.gauss(0, 0.012)
    return {
        "cell": f"ZB{district.code}-{cell}",
        "adcode": district.code,
        "start": f"{day:%Y-%m-%d}",
        "end": f"{day + timedelta(days=_DAYS - 1):%Y-%m-%d}",
        "ndvi": f"{green * 10000:.0f}",
        "fvc": f"{min(97.0, 100 * (green - 0.05) / 0.81):.1f}%",
    }


def _spoil(batch: PlantedBatch) -> None:
    batch.smudge(4, replace_field("ndvi", "-3000"))
    batch.plant("an index beyond one", "VALUE_OUT_OF_RANGE", 2, replace_field("ndvi", "12800"))
    batch.plant("a region that is not the city's", "CODE_UNKNOWN", 2, replace_field("adcode", "990199"))
    batch.plant("an end before the start", "COMPOSITE_ENDS_EARLY", 2, replace_field("end", "2025-12-01"))
    batch.plant("no cell", "REQUIRED_MISSING", 1, replace_field("cell", None))
    batch.repeat(3)
