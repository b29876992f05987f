"""The true answers about outlets."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from citylake.infra.city.city_model import City
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields

_NAMES = {"SO2": "a21026", "氮氧化物": "a21002"}
_SCALE = {"毫克/立方米": 1, "克/立方米": 1000}


def hours_over(_: City, batches: Mapping[str, PlantedBatch]) -> int:
    """Hourly means, flagged as normal, above the limit that was in force on their day."""
    devices = {fields["MN"]: fields["排口编号"] for fields in _good(batches["emissions.sources"])}
    limits = list(_good(batches["emissions.limits"]))
    readings = [fields for fields in _good(batches["emissions.outlet_readings"]) if fields["factor-Flag"] == "N"]
    return sum(_is_over(fields, devices.get(fields["MN"]), limits) for fields in readings)


def _good(batch: PlantedBatch) -> list[RecordFields]:
    return [record.fields for record in batch.records if record.good]


def _is_over(reading: RecordFields, outlet: str | None, limits: list[RecordFields]) -> bool:
    text = reading["DataTime"] or ""
    day = f"{text[:4]}-{text[4:6]}-{text[6:8]}"
    for limit in limits:
        same = limit["排放口"] == outlet and _NAMES[limit["污染物"] or ""] == reading["factor"]
        if same and (limit["执行日期"] or "") <= day < (limit["废止日期"] or "9999"):
            allowed = Decimal(limit["限值"] or "0") * _SCALE[limit["单位"] or ""]
            return Decimal(reading["factor-ZsAvg"] or "0") > allowed
    return False
