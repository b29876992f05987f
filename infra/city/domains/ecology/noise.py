"""Noise monitors: a text of fixed columns a day, tenths of a decibel, hours by their END up to 24."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS, District
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

_KEY = ("point", "day", "hour")
_ZONES = {"临江": "4a 2", "东湖": "1 2", "北岭": "1 3", "南浦": "2 3", "西苑": "1 2", "高新": "3 4a"}
_QUIET_DBA = {"1": 40.5, "2": 44.5, "3": 50.0, "4a": 51.8}
_TRAFFIC_DBA = {"1": 9.0, "2": 10.0, "3": 7.0, "4a": 13.0}
_MARKET_HOURS = (22, 23)
_FRIDAY, _SATURDAY = 4, 5


@dataclass(frozen=True, slots=True)
class NoisePoint:
    """One monitor and the acoustic zone that it stands in."""

    code: str
    district: District
    zone: str


def noise_points() -> Iterator[NoisePoint]:
    """Two monitors a district."""
    for district in DISTRICTS:
        for number, zone in enumerate(_ZONES[district.short].split(), 1):
            yield NoisePoint(f"ZS{district.code}{number}", district, zone)


def generate_noise(city: City) -> PlantedBatch:
    """The level of each monitor and hour."""
    batch = PlantedBatch("environment.noise_hourly", _KEY, city.random("noise"))
    for hour in range(city.hours):
        for point in noise_points():
            batch.add(f"noise_{city.at(hour):%Y%m%d}.txt", _fields(city, batch.rng, point, hour))
    _spoil(batch)
    return batch


def write_noise_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one text a day: point, region, zone, day, hour, Leq and Lmax at fixed places."""
    for name, records in batch.by_source().items():
        lines = ["# POINT   REGION  ZN YYYYMMDD HH  LEQ LMAX", *(_line(fields) for fields in records)]
        (folder / "files/ecology" / name).write_text("\n".join(lines) + "\n", encoding="ascii")


def _line(fields: RecordFields) -> str:
    return (
        f"{fields['point'] or '':<9} {fields['region']:<7} {fields['zone']:<2} "
        f"{fields['day']:<8} {fields['hour']:>2} {fields['leq']:>4} {fields['lmax']:>4}"
    )


def _fields(city: City, rng: Random, point: NoisePoint, hour: int) -> RecordFields:
    when = city.at(hour)
    level = _QUIET_DBA[point.zone] + _TRAFFIC_DBA[point.zone] * city.traffic(point.district, hour) ** 0.5
    level += 0.35 * city.rain_mm(point.district, hour) + rng.gauss(0, 0.8)
    if point.zone == "2" and when.weekday() in (_FRIDAY, _SATURDAY) and when.hour in _MARKET_HOURS:
        level += 9
    return {
        "point": point.code,
        "region": point.district.code,
        "zone": point.zone,
        "day": f"{when:%Y%m%d}",
        "hour": f"{when.hour + 1:02d}",
        "leq": f"{level * 10:.0f}",
        "lmax": f"{(level + rng.uniform(6, 18)) * 10:.0f}",
    }


def _spoil(batch: PlantedBatch) -> None:
    batch.smudge(20, replace_field("lmax", "9999"))
    batch.plant("more than the greatest level", "LEQ_ABOVE_LMAX", 6, _exchange)
    batch.plant("a level beyond hearing", "VALUE_OUT_OF_RANGE", 5, replace_field("leq", "1710"))
    batch.plant("letters in place of a level", "VALUE_UNREADABLE", 5, replace_field("leq", "CAL", "ERR"))
    batch.plant("a zone that no list has", "CODE_UNKNOWN", 4, replace_field("zone", "7"))
    batch.plant("an hour that is none", "TIME_UNREADABLE", 4, replace_field("hour", "27"))
    batch.plant("no monitor", "REQUIRED_MISSING", 4, replace_field("point", None))
    batch.contradict(4, replace_field("leq", "311"))
    batch.repeat(6)


def _exchange(fields: RecordFields, _: object) -> None:
    fields["leq"], fields["lmax"] = "705", "652"
