"""The transport authority's stretches of road before schools: English names, WGS-84, abbreviated school names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.generate.json_lines import write_json_lines
from citylake.infra.city.generate.nested_json import nest_fields
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field
from citylake.infra.city.generate.roads import street_address
from citylake.infra.city.generate.schools import School, city_schools

_KEY = ("segmentId", "schoolId")


def generate_school_roads(city: City) -> PlantedBatch:
    """Two stretches of road for each school, one each way."""
    batch = PlantedBatch("traffic.school_roads", _KEY, city.random("school roads"))
    for school in city_schools():
        for fields in _both_ways(batch.rng, school):
            batch.add("school_roads.jsonl", fields)
    _spoil(batch)
    return batch


def write_school_roads_file(batch: PlantedBatch, folder: Path) -> None:
    """Write the one file, a JSON object a line."""
    write_json_lines(
        folder / "files/school_roads/school_roads.jsonl",
        (nest_fields(fields) for fields in batch.of("school_roads.jsonl")),
    )


def _both_ways(rng: Random, school: School) -> Iterator[RecordFields]:
    near = street_address(school.road, rng.randint(1, 299))
    for way in "AB":
        yield {
            "segmentId": f"{school.road.code}-{school.code[-2:]}{way}",
            "roadId": school.road.code,
            "road": school.road.name,
            "schoolId": school.code,
            "school": school.name.removeprefix("澜海市"),
            "district": school.district.code,
            "near": near,
            "speedLimit": rng.choice(("30", "30", "40")),
            "at.lon": f"{school.longitude_deg + rng.uniform(-0.001, 0.001):.6f}",
            "at.lat": f"{school.latitude_deg + rng.uniform(-0.001, 0.001):.6f}",
        }


def _spoil(batch: PlantedBatch) -> None:
    batch.plant("no school", "REQUIRED_MISSING", 2, replace_field("schoolId", None))
    batch.plant("a limit in words", "VALUE_UNREADABLE", 2, replace_field("speedLimit", "限速"))
    batch.plant("a latitude beyond the pole", "VALUE_OUT_OF_RANGE", 1, replace_field("at.lat", "120.9"))
    batch.plant("a district code that no list has", "CODE_UNKNOWN", 2, replace_field("district", "990199"))
    batch.contradict(2, replace_field("speedLimit", "60"))
    batch.repeat(2)
