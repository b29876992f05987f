"""Soil samples: one workbook of every campaign, contents in mg/kg, traces as ``<0.01`` and ``未检出``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from xlsxwriter import Workbook

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS, District
from citylake.infra.city.generate.enterprises import write_sheet
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

_FILE = "soil_samples.xlsx"
SOIL_HEADER = ("样品编号", "点位编号", "所在区", "用地类别", "采样日期", "砷", "镉", "六价铬", "铜", "铅", "汞", "镍")
_KEY = ("样品编号", "点位编号")
_USUAL_MGKG = {"砷": 8.0, "镉": 0.16, "铜": 28.0, "铅": 27.0, "汞": 0.09, "镍": 31.0}
_POINTS = 4
_CAMPAIGNS = (date(2024, 10, 14), date(2025, 10, 13))
_ARSENIC_POINT, _CHROMIUM_POINT = "TR990103-1", "TR990106-2"


@dataclass(frozen=True, slots=True)
class SoilPoint:
    """One point, and whether people live on its land."""

    code: str
    district: District
    land: str


def soil_points() -> Iterator[SoilPoint]:
    """Four points a district, half of them on land of each class."""
    for district in DISTRICTS:
        for number in range(1, _POINTS + 1):
            land = "第一类用地" if number % 2 else "第二类用地"
            yield SoilPoint(f"TR{district.code}-{number}", district, land)


def generate_soil(city: City) -> PlantedBatch:
    """Every point in each campaign, and one point a district again within the city's days."""
    batch = PlantedBatch("environment.soil_samples", _KEY, city.random("soil"))
    points = list(soil_points())
    for first in _CAMPAIGNS:
        for number, point in enumerate(points):
            batch.add(_FILE, _fields(city, batch.rng, point, first + timedelta(days=number % 5)))
    for number, point in enumerate(point for point in points if point.code.endswith("-2")):
        batch.add(_FILE, _fields(city, batch.rng, point, city.start + timedelta(days=2 + number)))
    _spoil(batch)
    return batch


def write_soil_file(batch: PlantedBatch, folder: Path) -> None:
    """Write the workbook: a title, the header and a row of units."""
    units: list[str | None] = [*[None] * 5, *["mg/kg"] * 7]
    rows = [[fields[column] for column in SOIL_HEADER] for fields in batch.of(_FILE)]
    with Workbook(folder / "files/ecology" / _FILE) as book:
        book.set_properties({"created": datetime(2026, 3, 9, tzinfo=UTC)})
        write_sheet(book.add_worksheet("监测结果"), ["澜海市土壤环境监测结果"], SOIL_HEADER, units, *rows)


def _fields(city: City, rng: Random, point: SoilPoint, day: date) -> RecordFields:
    found: RecordFields = {
        "样品编号": f"{point.code}-{day:%y%m%d}",
        "点位编号": point.code,
        "所在区": point.district.name,
        "用地类别": point.land,
        "采样日期": f"{day.year}年{day.month}月{day.day}日",
    }
    for item, usual in _USUAL_MGKG.items():
        found[item] = f"{usual * rng.lognormvariate(0, 0.25):.2f}"
    found["六价铬"] = rng.choice(("未检出", "未检出", "<0.5", f"{rng.uniform(0.5, 1.4):.1f}"))
    if rng.random() < 0.2:
        found["汞"] = "<0.002"
    if point.code == _ARSENIC_POINT:
        found["砷"] = "24.60"
    if point.code == _CHROMIUM_POINT and day >= city.start:
        found["六价铬"] = "6.1"
    return {column: found[column] for column in SOIL_HEADER}


def _spoil(batch: PlantedBatch) -> None:
    for record in batch.records:
        spared = (record.fields["点位编号"] or "").endswith(("-1", "-2"))
        record.spoiled = spared
    batch.plant("a content in words", "VALUE_UNREADABLE", 2, replace_field("铅", "复测", "送检中"))
    batch.plant("a negative content", "VALUE_OUT_OF_RANGE", 1, replace_field("镍", "-4.1"))
    batch.plant("a class of land that no list has", "CODE_UNKNOWN", 1, replace_field("用地类别", "农用地"))
    batch.plant("a day that is none", "TIME_UNREADABLE", 1, replace_field("采样日期", "2025年13月40日"))
    batch.contradict(1, replace_field("铜", "77.70"))
    batch.repeat(2)
