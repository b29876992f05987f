"""What was harvested, and the number of the batch that it became: a workbook, weights in jin."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from xlsxwriter import Workbook

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.agriculture.farm import city_farm
from citylake.infra.city.generate.enterprises import write_sheet
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

_FILE = "采收记录.xlsx"


def generate_harvests(city: City) -> PlantedBatch:
    """Every harvest."""
    batch = PlantedBatch("agriculture.harvests", ("采收编号", "地块"), city.random("harvests"))
    for number, harvest in enumerate(city_farm(city).harvests, 1):
        fields: RecordFields = {
            "采收编号": f"CS{number:05d}",
            "地块": harvest.plot,
            "采收时间": f"{harvest.at:%Y-%m-%d %H:%M}",
            "数量(斤)": f"{harvest.kg * 2:.1f}",
            "批次号": harvest.batch,
        }
        batch.add(_FILE, fields)
    batch.plant("no batch", "REQUIRED_MISSING", 2, replace_field("批次号", None))
    batch.plant("a weight in words", "VALUE_UNREADABLE", 1, replace_field("数量(斤)", "两车"))
    batch.plant("a time that is none", "TIME_UNREADABLE", 1, replace_field("采收时间", "清早"))
    batch.repeat(2)
    return batch


def write_harvests(batch: PlantedBatch, folder: Path) -> None:
    """Write the workbook."""
    records = batch.of(_FILE)
    with Workbook(folder / "files/agriculture" / _FILE) as book:
        # The default is the time of writing: then two runs would give different bytes.
        book.set_properties({"created": datetime(2026, 3, 9, tzinfo=UTC)})
        write_sheet(book.add_worksheet("采收"), list(records[0]), *(list(fields.values()) for fields in records))
