"""Telemetry of the machines: a CSV a day from edge gateways, times with their offset; belts report inches a second."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.assets.machines import Machine, machines
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

TELEMETRY_HEADER = ("device", "time", "state", "vib_rms", "vib_unit", "bearing_c", "run_h")
_KEY = ("device", "time")
_EVERY_H = 4
_MM_AN_INCH = 25.4
_RUNNING_SHARE = 0.8


def generate_telemetry(city: City) -> PlantedBatch:
    """Vibration, temperature and running hours of each machine every four hours."""
    batch = PlantedBatch("assets.equipment_telemetry", _KEY, city.random("telemetry"))
    for hour in range(0, city.hours, _EVERY_H):
        for machine in machines(city):
            batch.add(f"tele_{city.at(hour):%Y%m%d}.csv", _fields(city, batch, machine, hour))
    _spoil(batch)
    return batch


def write_telemetry_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one file a day, separated by tabs."""
    for name, records in batch.by_source().items():
        text = io.StringIO(newline="")
        sheet = csv.writer(text, delimiter="\t", lineterminator="\n")
        sheet.writerow(TELEMETRY_HEADER)
        sheet.writerows([fields[column] for column in TELEMETRY_HEADER] for fields in records)
        (folder / "files/assets" / name).write_text(text.getvalue(), encoding="utf-8")


def _fields(city: City, batch: PlantedBatch, machine: Machine, hour: int) -> RecordFields:
    rng, imperial = batch.rng, machine.kind == "带式输送机"
    runs = rng.random() < 0.9
    vibration = (machine.vibration_mms + machine.wear_a_day * hour / 24) * rng.uniform(0.93, 1.07) if runs else 0.05
    hours = machine.hours_h + _RUNNING_SHARE * hour
    return {
        "device": machine.code,
        "time": f"{city.at(hour) + timedelta(seconds=rng.randrange(50)):%Y-%m-%dT%H:%M:%S}+0800",
        "state": "RUN" if runs else "STOP",
        "vib_rms": f"{vibration / _MM_AN_INCH:.4f}" if imperial else f"{vibration:.3f}",
        "vib_unit": "in/s" if imperial else "mm/s",
        "bearing_c": f"{38 + 3.2 * min(vibration, 9) + rng.uniform(-1.5, 1.5):.1f}",
        "run_h": f"{hours:.1f}",
    }


def _spoil(batch: PlantedBatch) -> None:
    batch.warn("EQUIPMENT_VIBRATES_STOPPED", 6, _vibrates)
    batch.plant("a vibration beyond every machine", "VALUE_OUT_OF_RANGE", 5, _shakes)
    batch.plant("a unit that nobody knows", "UNIT_UNKNOWN_IN_ROW", 4, replace_field("vib_unit", "g?"))
    batch.plant("a temperature in words", "VALUE_UNREADABLE", 5, replace_field("bearing_c", "断线"))
    batch.plant("no machine", "REQUIRED_MISSING", 3, replace_field("device", None))
    batch.plant("a time that is none", "TIME_UNREADABLE", 3, replace_field("time", "2026-02-31T08:00:00+0800"))
    batch.plant("a state that no list has", "CODE_UNKNOWN", 3, replace_field("state", "ZOMBIE"))
    batch.contradict(4, replace_field("bearing_c", "44.4"))
    batch.repeat(6)


def _shakes(fields: RecordFields, _: object) -> None:
    fields["vib_rms"], fields["vib_unit"] = "888.0", "mm/s"


def _vibrates(fields: RecordFields, _: object) -> None:
    fields["state"], fields["vib_rms"], fields["vib_unit"] = "STOP", "2.500", "mm/s"
