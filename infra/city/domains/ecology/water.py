"""Automatic water stations: an API with a cursor, keys in pinyin initials, every four hours, traces as ``0.01L``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS, District
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

WATER_FILE = "api/water_quality.json"
_KEY = ("dmbh", "jcsj", "gmsyzs")
_EVERY_H = 4
_NAMES = ("江心洲", "码头", "湖心", "湖口", "石桥", "松溪", "观潮", "盐河", "桂溪", "竹溪", "创新渠", "经开河")
_ACID_SECTION, _ACID_DAY = "LH990103B", 5


@dataclass(frozen=True, slots=True)
class WaterSection:
    """One section. ``load`` scales what is in its water; ``lake``: other limits hold for phosphorus."""

    code: str
    name: str
    district: District
    load: float
    lake: bool


def water_sections() -> Iterator[WaterSection]:
    """Two sections a district; those of Donghu are in the lake."""
    for number, name in enumerate(_NAMES):
        district = DISTRICTS[number // 2]
        letter = "AB"[number % 2]
        lake = district.short == "东湖"
        load = (0.45 if lake else 0.55 + 0.3 * district.bustle) * (1 + 0.25 * (number % 2))
        yield WaterSection(f"LH{district.code}{letter}", f"{name}断面", district, load, lake)


def generate_water(city: City) -> PlantedBatch:
    """What each section measured every four hours."""
    batch = PlantedBatch("environment.water_quality", _KEY, city.random("water quality"))
    for hour in range(0, city.hours, _EVERY_H):
        for section in water_sections():
            batch.add("", _fields(city, batch.rng, section, hour))
    _spoil(batch)
    return batch


def write_water_file(batch: PlantedBatch, folder: Path) -> None:
    """Write all records as one JSON list; the service splits it into pages."""
    (folder / WATER_FILE).write_text(json.dumps(batch.of(""), ensure_ascii=False, indent=0), encoding="utf-8")


def _fields(city: City, rng: Random, section: WaterSection, hour: int) -> RecordFields:
    runoff_mm = city.recent_rain_mm(section.district, hour) * section.district.bustle

    def seen(value: float) -> float:
        return max(0.0, value * (1 + rng.gauss(0, 0.07)))

    ammonia = seen(0.62 * section.load + 0.028 * runoff_mm)
    phosphorus = seen((0.07 if section.lake else 0.15) * section.load + 0.003 * runoff_mm)
    acid = section.code == _ACID_SECTION and hour // 24 == _ACID_DAY
    return {
        "dmbh": section.code,
        "dmmc": section.name,
        "xzqh": section.district.name,
        "stlx": "湖泊" if section.lake else "河流",
        "jcsj": f"{city.at(hour):%Y-%m-%d %H:%M}",
        "sw": f"{seen(11.5):.1f}",
        "ph": f"{5.1 + rng.uniform(0, 0.3):.2f}" if acid else f"{7.6 + rng.gauss(0, 0.2):.2f}",
        "rjy": f"{max(0.5, seen(8.4) - 0.05 * runoff_mm):.2f}",
        "gmsyzs": f"{seen(3.6 * section.load + 0.07 * runoff_mm):.1f}",
        "ad": f"{ammonia:.3f}",
        "zl": f"{phosphorus:.3f}",
        "zd": f"{ammonia + seen(1.1):.2f}",
    }


def _spoil(batch: PlantedBatch) -> None:
    batch.smudge(12, replace_field("zl", "0.01L", "<0.01"))
    batch.smudge(10, replace_field("gmsyzs", "", "—"))
    batch.plant("an acidity beyond the scale", "VALUE_OUT_OF_RANGE", 4, replace_field("ph", "17.20", "-1.00"))
    batch.plant("a note in place of a value", "VALUE_UNREADABLE", 4, replace_field("rjy", "维护", "质控"))
    batch.plant("a district that is not the city's", "CODE_UNKNOWN", 3, replace_field("xzqh", "邻县"))
    batch.plant("no section", "REQUIRED_MISSING", 3, replace_field("dmbh", None))
    batch.plant("a time that is none", "TIME_UNREADABLE", 3, replace_field("jcsj", "2026-02-30 04:00"))
    batch.plant("more ammonia than nitrogen", "AMMONIA_ABOVE_NITROGEN", 4, _exchange)
    batch.contradict(3, replace_field("gmsyzs", "88.8"))
    batch.repeat(5)


def _exchange(fields: RecordFields, _: object) -> None:
    fields["ad"], fields["zd"] = "4.200", "0.90"
