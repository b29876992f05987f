"""The farms' diary of work: CSV separated by bars, days as people write them."""

from __future__ import annotations

from pathlib import Path

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.agriculture.farm import city_farm
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

_FILE = "farm_diary.txt"
_KINDS = {"1": "sow", "2": "fert", "3": "pest", "4": "irri"}


def generate_operations(city: City) -> PlantedBatch:
    """Every operation."""
    batch = PlantedBatch("agriculture.operations", ("no", "plot"), city.random("farm diary"))
    for number, work in enumerate(city_farm(city).operations, 1):
        fields: RecordFields = {
            "no": f"NS{number:05d}",
            "plot": work.plot,
            "day": f"{work.day.year}/{work.day.month}/{work.day.day}",
            "work": _KINDS[work.kind],
            "material": work.material,
            "wait_days": "" if work.interval_d is None else str(work.interval_d),
        }
        batch.add(_FILE, fields)
    batch.plant("a pesticide without an interval", "PESTICIDE_WITHOUT_INTERVAL", 4, _forget_interval)
    batch.plant("work that no list has", "CODE_UNKNOWN", 2, replace_field("work", "mow"))
    batch.plant("a day that is none", "TIME_UNREADABLE", 2, replace_field("day", "2026/2/30"))
    batch.plant("no plot", "REQUIRED_MISSING", 2, replace_field("plot", None))
    batch.contradict(2, replace_field("material", "其他"))
    batch.repeat(3)
    return batch


def write_operations(batch: PlantedBatch, folder: Path) -> None:
    """Write the diary."""
    records = batch.of(_FILE)
    lines = ["|".join(records[0]), *("|".join(value or "" for value in fields.values()) for fields in records)]
    (folder / "files/agriculture" / _FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _forget_interval(fields: RecordFields, _: object) -> None:
    fields["work"], fields["wait_days"] = "pest", ""
