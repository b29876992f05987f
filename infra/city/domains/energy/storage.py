"""Storage stations: JSON lines from their vendor's cloud, epoch milliseconds in UTC at the START of a quarter, kW."""

from __future__ import annotations

from datetime import UTC, timedelta
from pathlib import Path

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.energy.true_power import STORAGES, charge_pct, energy_hours, storage_mw
from citylake.infra.city.generate.json_lines import write_json_lines
from citylake.infra.city.generate.nested_json import nest_fields
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

_KEY = ("ess", "ts")
_UTC_PLUS_8 = timedelta(hours=8)


def generate_storage(city: City) -> PlantedBatch:
    """Power and state of charge of each station every quarter of an hour; charging is positive."""
    batch = PlantedBatch("energy.storage", _KEY, city.random("storage"))
    for quarter in range(4 * energy_hours(city).start, 4 * city.hours):
        start = city.at(0) + timedelta(minutes=15 * quarter)
        stamp = int((start - _UTC_PLUS_8).replace(tzinfo=UTC).timestamp() * 1000)
        for code, _, _ in STORAGES:
            power = 1000 * storage_mw(code, start) * batch.rng.uniform(0.99, 1.01) + batch.rng.uniform(-4, 4)
            fields: RecordFields = {
                "ess": code,
                "ts": str(stamp),
                "p.kw": f"{power:.1f}",
                "bms.soc": f"{charge_pct(code, start) + batch.rng.uniform(-0.4, 0.4):.2f}",
            }
            batch.add(f"ess_{start - _UTC_PLUS_8:%Y%m%d}.jsonl", fields)
    _spoil(batch)
    return batch


def write_storage_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one file a day of UTC; numbers are numbers."""
    for name, records in batch.by_source().items():
        write_json_lines(folder / "files/energy" / name, (nest_fields(fields, numbers=True) for fields in records))


def _spoil(batch: PlantedBatch) -> None:
    batch.warn("STORAGE_CHARGES_FULL", 3, lambda fields, _: fields.update({"bms.soc": "100.00", "p.kw": "3.5"}))
    batch.plant("more than full", "VALUE_OUT_OF_RANGE", 4, replace_field("bms.soc", "104.20"))
    batch.plant("a power in words", "VALUE_UNREADABLE", 3, replace_field("p.kw", "NaN?", "offline"))
    batch.plant("a time that is none", "TIME_UNREADABLE", 2, replace_field("ts", "soon"))
    batch.plant("no station", "REQUIRED_MISSING", 2, replace_field("ess", None))
    batch.contradict(3, replace_field("p.kw", "3.2"))
    batch.repeat(4)
