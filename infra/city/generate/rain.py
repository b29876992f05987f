"""Rain gauges: one CSV a month, tenths of a millimetre, date and hour apart, hours by their END."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS, District
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

RAIN_HEADER = ("日期", "时次", "站号", "区", "小时雨量(0.1mm)")
_KEY = ("日期", "时次", "站号")
_GAUGES = 3


def generate_rain(city: City) -> PlantedBatch:
    """Rain by gauge and hour."""
    batch = PlantedBatch("environment.rain_gauges", _KEY, city.random("gauges"))
    for hour in range(city.hours):
        for district in DISTRICTS:
            for number in range(1, _GAUGES + 1):
                batch.add(f"rain_{city.at(hour):%Y%m}.csv", _fields(city, batch, district, hour, number))
    _spoil(batch)
    return batch


def write_rain_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one file a month, separated by semicolons."""
    for name, records in batch.by_source().items():
        text = io.StringIO(newline="")
        sheet = csv.writer(text, delimiter=";", lineterminator="\n")
        sheet.writerow(RAIN_HEADER)
        sheet.writerows([fields[column] for column in RAIN_HEADER] for fields in records)
        (folder / "files/rain" / name).write_text(text.getvalue(), encoding="utf-8", newline="")


def _fields(city: City, batch: PlantedBatch, district: District, hour: int, number: int) -> RecordFields:
    amount_mm = city.rain_mm(district, hour) * batch.rng.uniform(0.85, 1.15)
    end = city.at(hour + 1)
    return {
        "日期": f"{end:%Y%m%d}",
        "时次": f"{end:%H}",
        "站号": f"YL{district.code}{number:02d}",
        "区": district.short if number == 1 else district.name,
        "小时雨量(0.1mm)": f"{amount_mm * 10:.0f}",
    }


def _spoil(batch: PlantedBatch) -> None:
    batch.smudge(25, replace_field("小时雨量(0.1mm)", "999999", "32766"))
    batch.plant("a negative amount", "VALUE_OUT_OF_RANGE", 4, replace_field("小时雨量(0.1mm)", "-3"))
    batch.plant("an amount in words", "VALUE_UNREADABLE", 4, replace_field("小时雨量(0.1mm)", "微量"))
    batch.plant("a district that is not the city's", "CODE_UNKNOWN", 3, replace_field("区", "邻县"))
    batch.plant("no gauge", "REQUIRED_MISSING", 3, replace_field("站号", None))
    batch.plant("an hour that is none", "TIME_UNREADABLE", 3, replace_field("时次", "99"))
    batch.contradict(3, replace_field("小时雨量(0.1mm)", "777"))
    batch.repeat(5)
