"""The tills of the shops: lines of fixed width, weights in grams."""

from __future__ import annotations

from pathlib import Path

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.provenance.food_chain import food_chain
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

_FILE = "pos_sales.txt"
_WIDTHS = {"ticket": 12, "shop": 8, "lot": 20, "time": 14, "grams": 9}


def generate_sales(city: City) -> PlantedBatch:
    """Every sale of a lot."""
    batch = PlantedBatch("provenance.sales", ("ticket", "shop"), city.random("food sales"))
    for number, sale in enumerate(food_chain(city).sales, 1):
        fields: RecordFields = {
            "ticket": f"S{number:09d}",
            "shop": sale.shop,
            "lot": sale.batch,
            "time": f"{sale.at:%Y%m%d%H%M%S}",
            "grams": f"{sale.kg * 1000:.0f}",
        }
        batch.add(_FILE, fields)
    batch.plant("no lot", "REQUIRED_MISSING", 6, replace_field("lot", None))
    batch.plant("a weight in words", "VALUE_UNREADABLE", 4, replace_field("grams", "一袋", "N/K"))
    batch.plant("a time that is none", "TIME_UNREADABLE", 4, replace_field("time", "20260231250000"))
    batch.contradict(4, replace_field("grams", "1"))
    batch.repeat(8)
    return batch


def write_sales(batch: PlantedBatch, folder: Path) -> None:
    """Write a line a sale, padded with blanks."""
    lines = (
        "".join((fields[name] or "").ljust(width) for name, width in _WIDTHS.items()) for fields in batch.of(_FILE)
    )
    (folder / "files/provenance" / _FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")
