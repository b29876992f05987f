"""Smart meters: a file a day with bars, registers at midnight; some begin at zero again, are replaced or silent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS, District
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

METER_HEADER = ("表号", "供电区", "抄表时间", "示值", "满度", "倍率")
_KEY = ("表号", "抄表时间")
_PER_DISTRICT = 30
_ROUND_METERS, _REPLACED_METERS, _RESET_METERS = range(4), range(10, 16), range(20, 23)
_SILENT_SHARE = 0.02
_CAPACITY_KWH = 10_000.0


@dataclass(frozen=True, slots=True)
class _Reading:
    meter: str
    at: datetime
    register_kwh: float


def generate_meters(city: City) -> PlantedBatch:
    """The register of each meter at every midnight of the period, and what stood on it when it was replaced."""
    batch = PlantedBatch("energy.meter_readings", _KEY, city.random("meters"))
    places = [district for district in DISTRICTS for _ in range(_PER_DISTRICT)]
    readings = [
        (reading, district)
        for number, district in enumerate(places)
        for reading in _readings(city, batch.rng, number, district)
    ]
    for reading, district in sorted(readings, key=lambda each: (each[0].at, each[0].meter)):
        batch.add(f"cb_{reading.at:%Y%m%d}.txt", _fields(reading, district))
    _spoil(batch)
    return batch


def write_meter_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one file a day."""
    for name, records in batch.by_source().items():
        lines = ["|".join(fields[column] or "" for column in METER_HEADER) for fields in records]
        text = "\n".join(["|".join(METER_HEADER), *lines]) + "\n"
        (folder / "files/energy" / name).write_text(text, encoding="utf-8")


def _readings(city: City, rng: Random, number: int, district: District) -> Iterator[_Reading]:
    """What the meter shows at each midnight from the period's first to the end of its last but one day."""
    per_day = rng.uniform(4, 14) * district.bustle
    register = _CAPACITY_KWH - 5.5 * per_day if number in _ROUND_METERS else rng.uniform(600, 8000)
    earliest, latest = min(3, city.days - 1), max(3, city.days - 3)
    meter, replaced, reset = f"DB{number + 1:05d}", rng.randint(earliest, latest), rng.randint(earliest, latest)
    for day in range(city.days):
        if number in _RESET_METERS and day == reset:
            register = rng.uniform(0, 3)
        if day == 0 or rng.random() >= _SILENT_SHARE:
            yield _Reading(meter, city.at(24 * day), register)
        used = per_day * rng.uniform(0.7, 1.3)
        if number in _REPLACED_METERS and day == replaced:
            moment = city.at(24 * day) + timedelta(hours=10, minutes=20)
            yield _Reading(meter, moment, (register + used * 0.43) % _CAPACITY_KWH)
            meter, register, used = f"DB{number + 1:05d}N", 0.0, used * 0.57
            yield _Reading(meter, moment, register)
        register = (register + used) % _CAPACITY_KWH


def _fields(reading: _Reading, district: District) -> RecordFields:
    return {
        "表号": reading.meter,
        "供电区": district.name,
        "抄表时间": f"{reading.at:%Y-%m-%d %H:%M:%S}",
        "示值": f"{reading.register_kwh:.2f}",
        "满度": f"{_CAPACITY_KWH:.0f}",
        "倍率": "60" if reading.meter.rstrip("N").endswith("7") else "1",
    }


def _spoil(batch: PlantedBatch) -> None:
    batch.plant("a reading above the register", "READING_ABOVE_REGISTER", 5, replace_field("示值", "60321.40"))
    batch.plant("a reading in words", "VALUE_UNREADABLE", 5, replace_field("示值", "抄表失败", "--"))
    batch.plant("a reading below zero", "VALUE_OUT_OF_RANGE", 3, replace_field("示值", "-12.00"))
    batch.plant("no meter", "REQUIRED_MISSING", 3, replace_field("表号", None))
    batch.plant("a time that is none", "TIME_UNREADABLE", 3, replace_field("抄表时间", "0000-00-00 00:00:00"))
    batch.plant("a district that is not the city's", "CODE_UNKNOWN", 2, replace_field("供电区", "外供"))
    batch.contradict(4, replace_field("示值", "1.23"))
    batch.repeat(6)
