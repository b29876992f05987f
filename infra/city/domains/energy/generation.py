"""Generation: one JSON document a day from the dispatch of renewable energy; hours by their START in local time, kW."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.energy.true_power import PLANTS, energy_hours, generation_mw
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

_KEY = ("plantId", "hour")


def generate_generation(city: City) -> PlantedBatch:
    """The mean power of each plant by the hour."""
    batch = PlantedBatch("energy.generation", _KEY, city.random("generation"))
    for hour in energy_hours(city):
        for plant, kind, capacity, district in PLANTS:
            power = 1000 * generation_mw(city, plant, hour) * batch.rng.uniform(0.995, 1.005)
            fields: RecordFields = {
                "plantId": plant,
                "type": kind,
                "region": district.code,
                "capacityKw": f"{1000 * capacity:.0f}",
                "hour": f"{city.at(hour):%Y-%m-%dT%H:%M:%S}",
                "avgKw": f"{power:.1f}",
            }
            batch.add(f"generation_{city.at(hour):%Y%m%d}.json", fields)
    _spoil(batch)
    return batch


def write_generation_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one document a day."""
    for name, records in batch.by_source().items():
        text = json.dumps({"unit": "kW", "data": {"list": records}}, ensure_ascii=False, indent=0)
        (folder / "files/energy" / name).write_text(text, encoding="utf-8")


def _spoil(batch: PlantedBatch) -> None:
    batch.plant("MW for kW's neighbour: above the capacity", "GENERATION_ABOVE_CAPACITY", 4, _above)
    batch.plant("a kind that no list has", "CODE_UNKNOWN", 2, replace_field("type", "FUSION"))
    batch.plant("power that flows in", "VALUE_OUT_OF_RANGE", 3, replace_field("avgKw", "-250.0"))
    batch.plant("no plant", "REQUIRED_MISSING", 2, replace_field("plantId", None))
    batch.plant("a time that is none", "TIME_UNREADABLE", 2, replace_field("hour", "2026-13-01T08:00:00"))
    batch.contradict(2, replace_field("avgKw", "1234.5"))
    batch.repeat(3)


def _above(fields: RecordFields, _: Random) -> None:
    fields["avgKw"] = f"{2.5 * float(fields['capacityKw'] or 0):.1f}"
