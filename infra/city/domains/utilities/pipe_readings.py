"""Hourly readings of the metering zones: text at fixed places, one file a day, pressure in MPa, hours by their END."""

from __future__ import annotations

import math
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.utilities.metering_zones import MeteringZone, metering_zones
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

LEAKING_ZONE = "DMA032"
BUSY_NIGHT_ZONE = "DMA061"
"""More inflow at night and the usual pressure: a night shift, and no leak."""
LOW_PRESSURE_ZONE = "DMA052"
"""Less pressure and the usual inflow: the pumps run slower."""
_WIDTHS = {"zone": 6, "time": 10, "flow": 9, "pressure": 8, "state": 3}
_NO_READING = "-99.9"
LEAK_DAYS = 3


def generate_readings(city: City) -> PlantedBatch:
    """Inflow and pressure by zone and hour."""
    batch = PlantedBatch("utilities.pipe_readings", ("zone", "time"), city.random("pipes"))
    for hour in range(city.hours):
        for zone in metering_zones():
            record = batch.add(f"scada_{city.at(hour):%Y%m%d}.txt", _fields(city, batch.rng, zone, hour))
            # Of the hours by which a leak is known, none is lost.
            record.spoiled = 1 <= city.at(hour).hour < 6
    _spoil(batch)
    return batch


def write_reading_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one file a day; numbers are aligned to the right."""
    for name, records in batch.by_source().items():
        lines = [
            "".join((fields[column] or "").rjust(width) for column, width in _WIDTHS.items()) for fields in records
        ]
        text = "\n".join(["* SCADA EXPORT  m3/h  MPa", *lines, ""])
        (folder / "files/utilities" / name).write_text(text, encoding="ascii")


def _fields(city: City, rng: Random, zone: MeteringZone, hour: int) -> RecordFields:
    flow_m3 = zone.customers * 0.016 * _demand(city, hour) * rng.uniform(0.97, 1.03)
    pressure_mpa = 0.36 - 0.05 * _demand(city, hour) + rng.uniform(-0.004, 0.004)
    if hour >= city.hours - 24 * LEAK_DAYS:
        flow_m3 += 0.0045 * zone.customers if zone.code in (LEAKING_ZONE, BUSY_NIGHT_ZONE) else 0
        pressure_mpa -= 0.06 if zone.code in (LEAKING_ZONE, LOW_PRESSURE_ZONE) else 0
    end = city.at(hour + 1)
    return {
        "zone": zone.code,
        "time": f"{end:%Y%m%d%H}",
        "flow": f"{flow_m3:.1f}",
        "pressure": f"{pressure_mpa:.3f}",
        "state": "OK",
    }


def _demand(city: City, hour: int) -> float:
    """Use of water: little at night, most in the morning and the evening; 1 is the peak."""
    now = city.at(hour).hour
    return 0.22 + 0.6 * math.exp(-(((now - 7.5) / 2) ** 2)) + 0.75 * math.exp(-(((now - 19.5) / 2.6) ** 2))


def _spoil(batch: PlantedBatch) -> None:
    batch.smudge(20, replace_field("flow", _NO_READING))
    batch.plant("a flow that is no number", "VALUE_UNREADABLE", 4, replace_field("flow", "1.2.3", "ERR#"))
    batch.plant("a negative pressure", "VALUE_OUT_OF_RANGE", 4, replace_field("pressure", "-0.120"))
    batch.plant("a time that is none", "TIME_UNREADABLE", 3, replace_field("time", "2026023109"))
    batch.plant("no zone", "REQUIRED_MISSING", 3, replace_field("zone", None))
    batch.plant("water without pressure", "FLOW_WITHOUT_PRESSURE", 3, replace_field("pressure", "0.000"))
    batch.contradict(3, replace_field("flow", "4.0"))
    batch.repeat(5)
