"""The register of schools: pinyin initials, GCJ-02 points in one field, caterers by their organisation code."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS, District
from citylake.infra.city.generate.firms import Firm, city_firms
from citylake.infra.city.generate.gcj02 import wgs84_to_gcj02
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field
from citylake.infra.city.generate.roads import CityRoad, random_address
from citylake.infra.city.generate.stations import air_stations

SCHOOL_HEADER = ("XXDM", "XXMC", "XXLB", "SSQ", "XXDZ", "ZB", "ZXSS", "GCDWDM", "CKZD")
_KINDS = ("小学", "初中", "九年一贯制", "高中", "幼儿园")
_TAILS = ("小学", "初级中学", "学校", "高级中学", "幼儿园")
_NAMES = ("实验", "育才", "第一", "第二", "启明", "明德", "新城", "滨江", "向阳", "文汇")


@dataclass(frozen=True, slots=True)
class School:
    """One school, and the road in front of it."""

    code: str
    name: str
    kind: str
    district: District
    road: CityRoad
    address: str
    longitude_deg: float
    latitude_deg: float
    """WGS-84."""


def city_schools() -> Iterator[School]:
    """Ten schools a district; the same in every city."""
    for district in DISTRICTS:
        for number, name in enumerate(_NAMES):
            rng = Random(f"school/{district.code}/{number}")
            road, address = random_address(rng, district)
            kind = (number + DISTRICTS.index(district)) % len(_KINDS)
            yield School(
                f"{district.code}{number + 1:04d}",
                f"澜海市{district.short}{name}{_TAILS[kind]}",
                _KINDS[kind],
                district,
                road,
                address,
                district.longitude_deg + rng.uniform(-0.05, 0.05),
                district.latitude_deg + rng.uniform(-0.04, 0.04),
            )


def generate_schools(city: City) -> PlantedBatch:
    """The register of the school year."""
    batch = PlantedBatch("education.schools", ("XXDM", "XXMC"), city.random("schools"))
    caterers = [firm for firm in city_firms(city) if firm.section == "H"][:12]
    for school in city_schools():
        batch.add("xx.csv", _fields(batch.rng, school, caterers))
    _spoil(batch)
    return batch


def write_schools_file(batch: PlantedBatch, folder: Path) -> None:
    """Write the one file, UTF-8 with a vertical bar between fields."""
    text = io.StringIO(newline="")
    sheet = csv.writer(text, delimiter="|", lineterminator="\n")
    sheet.writerow(SCHOOL_HEADER)
    sheet.writerows([fields[column] for column in SCHOOL_HEADER] for fields in batch.of("xx.csv"))
    (folder / "files/education/xx.csv").write_text(text.getvalue(), encoding="utf-8")


def _fields(rng: Random, school: School, caterers: list[Firm]) -> RecordFields:
    longitude, latitude = wgs84_to_gcj02(school.longitude_deg, school.latitude_deg)
    station = rng.choice([station for station in air_stations() if station.district == school.district])
    return {
        "XXDM": school.code,
        "XXMC": school.name,
        "XXLB": school.kind,
        # The register still has the district that became part of Gaoxin in 2020, for the schools that were in it.
        "SSQ": "经开区" if school.district.code == "990106" and int(school.code) % 2 else school.district.short,
        "XXDZ": school.address,
        "ZB": f"{longitude:.6f},{latitude:.6f}",
        "ZXSS": str(rng.randint(120, 2400)),
        "GCDWDM": rng.choice(caterers).organisation_code if caterers else "",
        "CKZD": station.name,
    }


def _spoil(batch: PlantedBatch) -> None:
    batch.plant("a wrong check digit", "CHECK_DIGIT_WRONG", 1, replace_field("GCDWDM", "YY0000019", "YY0000021"))
    batch.plant("a station that no list has", "LOOKUP_UNKNOWN", 1, replace_field("CKZD", "老城站"))
    batch.plant("a district that is not the city's", "CODE_UNKNOWN", 1, replace_field("SSQ", "外市"))
    batch.plant("pupils in words", "VALUE_UNREADABLE", 1, replace_field("ZXSS", "约八百"))
    batch.plant("no code", "REQUIRED_MISSING", 1, replace_field("XXDM", None))
    batch.contradict(1, replace_field("ZXSS", "99"))
    batch.repeat(1)
