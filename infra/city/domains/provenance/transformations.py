"""The processors' books of what went in and what came out: CSV in GB 18030, weights in kg."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.provenance.food_chain import food_chain
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

_FILE = "投入产出台账.csv"
_KINDS = {"1": "分装", "2": "混批", "3": "加工"}


def generate_transformations(city: City) -> PlantedBatch:
    """A record for each input of each batch that was made."""
    batch = PlantedBatch("provenance.transformations", ("台账编号", "投入批次"), city.random("food steps"))
    for number, step in enumerate(food_chain(city).steps, 1):
        fields: RecordFields = {
            "台账编号": f"TZ{number:06d}",
            "投入批次": step.source,
            "产出批次": step.made,
            "作业方式": _KINDS[step.kind],
            "投入量(kg)": f"{step.kg:.3f}",
            "作业时间": f"{step.at:%Y/%m/%d %H:%M}",
        }
        batch.add(_FILE, fields)
    batch.plant("made of itself", "BATCH_MADE_OF_ITSELF", 3, _made_of_itself)
    batch.plant("a negative weight", "VALUE_OUT_OF_RANGE", 2, replace_field("投入量(kg)", "-12.000"))
    batch.plant("a way of working that no list has", "CODE_UNKNOWN", 2, replace_field("作业方式", "代工"))
    batch.plant("no input", "REQUIRED_MISSING", 2, replace_field("投入批次", None))
    batch.contradict(2, replace_field("投入量(kg)", "1.000"))
    batch.repeat(3)
    return batch


def write_transformations(batch: PlantedBatch, folder: Path) -> None:
    """Write the book."""
    records, text = batch.of(_FILE), io.StringIO(newline="")
    sheet = csv.DictWriter(text, list(records[0]), lineterminator="\r\n")
    sheet.writeheader()
    sheet.writerows(records)
    (folder / "files/provenance" / _FILE).write_bytes(text.getvalue().encode("gb18030"))


def _made_of_itself(fields: RecordFields, _: object) -> None:
    fields["产出批次"] = fields["投入批次"]
