"""Samples that the authority had tested: CSV with a byte order mark and semicolons."""

from __future__ import annotations

from pathlib import Path

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.provenance.food_chain import food_chain
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

_FILE = "抽检结果.csv"
_HAZARDS = {"": "", "1": "农药残留", "2": "兽药残留", "3": "重金属", "4": "微生物"}


def generate_inspections(city: City) -> PlantedBatch:
    """Every sample and its result; faults are planted in samples that passed, so that no recall is lost."""
    batch = PlantedBatch("provenance.inspections", ("抽样单编号", "批号"), city.random("food samples"))
    for number, sample in enumerate(food_chain(city).samples, 1):
        fields: RecordFields = {
            "抽样单编号": f"CJ2026{number:05d}",
            "批号": sample.batch,
            "采样时间": f"{sample.at:%Y-%m-%d %H:%M:%S}",
            "检验结论": "不合格" if sample.hazard else "合格",
            "不合格项目": _HAZARDS[sample.hazard],
        }
        record = batch.add(_FILE, fields)
        record.spoiled = bool(sample.hazard)
    batch.plant("failed, and no hazard is named", "HAZARD_NOT_NAMED", 3, replace_field("检验结论", "不合格"))
    batch.plant("a result that no list has", "CODE_UNKNOWN", 2, replace_field("检验结论", "待定"))
    batch.plant("no batch", "REQUIRED_MISSING", 2, replace_field("批号", None))
    batch.contradict(1, replace_field("采样时间", "2026-03-01 00:00:00"))
    batch.repeat(2)
    return batch


def write_inspections(batch: PlantedBatch, folder: Path) -> None:
    """Write the table."""
    records = batch.of(_FILE)
    lines = [";".join(records[0]), *(";".join(value or "" for value in fields.values()) for fields in records)]
    (folder / "files/provenance" / _FILE).write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
