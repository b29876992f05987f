"""Sales of pharmacies by day and class of medicine: one workbook a month, amounts with thousands, days in Chinese."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from xlsxwriter import Workbook

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS, District
from citylake.infra.city.domains.health.epidemic import spread, watch_days
from citylake.infra.city.generate.enterprises import write_sheet
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field, widen_digits

SALES_HEADER = ("门店编码", "所在区", "销售日期", "药品类别", "销量(盒)", "销售额(元)")
_KEY = ("门店编码", "销售日期", "药品类别")
_CLASSES = {"退热药": (26, 18.5), "止咳药": (18, 24.0), "抗病毒药": (9, 46.0), "止泻药": (7, 15.5)}
"""Class of medicine → packs a day of a pharmacy of mean size, and the price of a pack, CNY."""
_AHEAD_DAYS = 1
"""People buy medicine a day before they see a doctor."""


def generate_drug_sales(city: City) -> PlantedBatch:
    """The sales of two pharmacies a district, by day and class."""
    batch = PlantedBatch("health.drug_sales", _KEY, city.random("drugs"))
    for day in watch_days(city):
        for district in DISTRICTS:
            for number in (1, 2):
                for name in _CLASSES:
                    batch.add(f"sales_{day:%Y%m}.xlsx", _fields(city, batch.rng, district, number, day, name))
    _spoil(batch)
    return batch


def write_drug_sales_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one workbook a month; every cell is text."""
    for name, records in batch.by_source().items():
        rows = [[fields[column] for column in SALES_HEADER] for fields in records]
        with Workbook(folder / "files/health" / name) as book:
            # The default is the time of writing: then two runs would give different bytes.
            book.set_properties({"created": datetime.strptime(name, "sales_%Y%m.xlsx").replace(tzinfo=UTC)})
            write_sheet(book.add_worksheet("销售日报"), SALES_HEADER, *rows)


def _fields(city: City, rng: Random, district: District, number: int, day: date, name: str) -> RecordFields:
    packs, price_cny = _CLASSES[name]
    grown = 1.0 if name == "止泻药" else spread(city, day + timedelta(days=_AHEAD_DAYS))
    sold = max(1, round(packs * district.bustle * grown * rng.uniform(0.75, 1.25)))
    return {
        "门店编码": f"YD{district.code}{number:03d}",
        "所在区": district.short,
        "销售日期": f"{day:%Y年%m月%d日}",
        "药品类别": name,
        "销量(盒)": str(sold),
        "销售额(元)": f"{sold * price_cny * rng.uniform(0.95, 1.05):,.2f}",
    }


def _spoil(batch: PlantedBatch) -> None:
    batch.smudge(20, widen_digits("销量(盒)"))
    batch.plant("packs without an amount", "SALES_WITHOUT_AMOUNT", 4, replace_field("销售额(元)", "0.00"))
    batch.plant("packs in words", "VALUE_UNREADABLE", 4, replace_field("销量(盒)", "若干", "见小票"))
    batch.plant("negative packs", "VALUE_OUT_OF_RANGE", 3, replace_field("销量(盒)", "-12"))
    batch.plant("a class that no list has", "CODE_UNKNOWN", 3, replace_field("药品类别", "保健品"))
    batch.plant("no pharmacy", "REQUIRED_MISSING", 2, replace_field("门店编码", None))
    batch.contradict(3, replace_field("销量(盒)", "999"))
    batch.repeat(4)
