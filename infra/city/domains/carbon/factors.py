"""Factors of carbon dioxide by carrier: fictional values of a usual size, each with its days and its source."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

from citylake.infra.city.city_model import City
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

FACTOR_COLUMNS = {"煤炭": "tCO2/t", "天然气": "tCO2/万m3", "柴油": "tCO2/t", "电力": "kgCO2/kWh", "热力": "tCO2/GJ"}
SCALES = {"tCO2/t": 1.0, "tCO2/万m3": 0.0001, "kgCO2/kWh": 0.001, "tCO2/GJ": 1.0}
_HEADER = ("能源品种", "启用日期", "停用日期", *SCALES, "来源")
_USUAL = {"煤炭": 1.9, "天然气": 21.6, "柴油": 3.1, "电力": 0.60, "热力": 0.11}
_EDITIONS = tuple(date(2017 + n, 1, 1) for n in range(8))
_FILE = "factors.csv"
_MIDYEAR = date(2025, 7, 1)
"""From here on, the factor of electricity is another."""


def generate_factors(city: City) -> PlantedBatch:
    """A row for each carrier and edition; faults are in editions that no return of the city needs."""
    batch = PlantedBatch("carbon.factors", ("能源品种", "启用日期"), city.random("carbon.factors"))
    for carrier, usual in _USUAL.items():
        for number, begin in enumerate(_EDITIONS):
            last = number == len(_EDITIONS) - 1
            value = usual * (1.14 - 0.02 * number)
            end = _EDITIONS[number + 1] if not last else (_MIDYEAR if carrier == "电力" else None)
            batch.add(_FILE, _fields(carrier, begin, end, value)).spoiled = last
    batch.add(_FILE, _fields("电力", _MIDYEAR, None, 0.55)).spoiled = True
    batch.plant("no source", "REQUIRED_MISSING", 2, replace_field("来源", None))
    _spoil(batch)
    return batch


def write_factors_file(batch: PlantedBatch, folder: Path) -> None:
    """Write the table."""
    text = io.StringIO(newline="")
    sheet = csv.writer(text)
    sheet.writerow(_HEADER)
    sheet.writerows([fields[name] for name in _HEADER] for fields in batch.of(_FILE))
    (folder / "files/carbon" / _FILE).write_text(text.getvalue(), encoding="utf-8-sig", newline="")


def _fields(carrier: str, begin: date, end: date | None, value: float) -> RecordFields:
    return {
        "能源品种": carrier,
        "启用日期": f"{begin:%Y/%m/%d}",
        "停用日期": f"{end:%Y/%m/%d}" if end else None,
        **dict.fromkeys(SCALES, None),
        FACTOR_COLUMNS[carrier]: f"{value:.4f}",
        "来源": "演示用虚构默认值",
    }


def _spoil(batch: PlantedBatch) -> None:
    batch.plant("a carrier that no list has", "CODE_UNKNOWN", 2, replace_field("能源品种", "氢气混合物"))
    batch.plant("a day that is none", "TIME_UNREADABLE", 2, replace_field("启用日期", "2021/13/01"))
    batch.plant("two factors in a row", "FACTOR_NOT_ONE", 2, _two_factors)
    batch.repeat(2)


def _two_factors(fields: RecordFields, _: object) -> None:
    for name in ("tCO2/t", "tCO2/GJ"):
        fields[name] = "1.5"
