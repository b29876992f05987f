"""The loggers of the cold stores: CSV with decimal commas and days before months."""

from __future__ import annotations

from pathlib import Path

from citylake.infra.city.city_model import City
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

_FILE = "logger_export.csv"
_STORES, _EVERY_H = 12, 2
_WARM = ((2, 40, 3), (5, 61, 2), (7, 100, 6), (9, 12, 1), (11, 130, 4))
"""Store, first reading and number of readings of each time at which a store was too warm."""


def generate_store_climate(city: City) -> PlantedBatch:
    """A reading of each store every two hours."""
    batch = PlantedBatch("agriculture.store_climate", ("Lager", "Zeit"), city.random("store climate"))
    warm = {(store, first + n) for store, first, length in _WARM for n in range(length)}
    for step in range(city.hours // _EVERY_H):
        for store in range(1, _STORES + 1):
            degrees = batch.rng.uniform(9, 13) if (store, step) in warm else batch.rng.uniform(0.5, 4.5)
            fields: RecordFields = {
                "Lager": f"CK{store:03d}",
                "Zeit": f"{city.at(step * _EVERY_H):%d.%m.%Y %H:%M}",
                "Temp": f"{degrees:.1f}".replace(".", ","),
                "Feuchte": f"{batch.rng.uniform(82, 94):.1f}".replace(".", ","),
            }
            batch.add(_FILE, fields)
    batch.plant("a humidity above 100 %", "VALUE_OUT_OF_RANGE", 4, replace_field("Feuchte", "250,0"))
    batch.plant("a time that is none", "TIME_UNREADABLE", 3, replace_field("Zeit", "31.02.2026 08:00"))
    batch.plant("no store", "REQUIRED_MISSING", 3, replace_field("Lager", None))
    batch.contradict(3, replace_field("Temp", "4,4"))
    batch.repeat(5)
    return batch


def write_store_climate(batch: PlantedBatch, folder: Path) -> None:
    """Write the export."""
    records = batch.of(_FILE)
    lines = [";".join(records[0]), *(";".join(value or "" for value in fields.values()) for fields in records)]
    (folder / "files/agriculture" / _FILE).write_text("\r\n".join(lines) + "\r\n", encoding="utf-8")
