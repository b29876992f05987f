"""Monthly returns of large consumers: a workbook a year, two rows of header, units as each author likes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from random import Random

from xlsxwriter import Workbook

from citylake.infra.city.city_model import City
from citylake.infra.city.generate.enterprises import write_sheet
from citylake.infra.city.generate.firms import Firm, city_firms
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field
from citylake.infra.city.generate.uscc import spoil_check_digit

MONTHS = (*(f"2025{month:02d}" for month in range(1, 13)), "202601")
UNITS = {
    "煤炭": {"吨": 1.0, "千克": 0.001},
    "天然气": {"万立方米": 10_000.0, "立方米": 1.0},
    "柴油": {"吨": 1.0, "千克": 0.001},
    "电力": {"万千瓦时": 10_000.0, "千瓦时": 1.0, "兆瓦时": 1000.0},
    "热力": {"吉焦": 1.0, "百万千焦": 1.0},
}
"""By carrier, the units in which it is returned, each in t, m³, kWh or GJ."""
_USUAL = {"煤炭": 320.0, "天然气": 90_000.0, "柴油": 12.0, "电力": 640_000.0, "热力": 900.0}
_CONSUMERS = 40
_OFFICE = ("代码", "名称", "所在区", "统计月")


def consumers(city: City) -> list[Firm]:
    """The enterprises that must return their energy use."""
    permitted = [firm for firm in city_firms(city) if firm.has_permit]
    return permitted[:: len(permitted) // _CONSUMERS][:_CONSUMERS]


def generate_energy_use(city: City) -> PlantedBatch:
    """A record for each enterprise and month."""
    batch = PlantedBatch("carbon.energy_use", ("单位.代码", "单位.统计月"), city.random("carbon.energy_use"))
    firms = consumers(city)
    habits = {firm.uscc: _habit(batch.rng) for firm in firms}
    for month in MONTHS:
        for firm in firms:
            batch.add(f"energy_{month[:4]}.xlsx", _fields(batch.rng, firm, month, habits[firm.uscc]))
    batch.plant("a wrong check digit", "CHECK_DIGIT_WRONG", 4, _wrong_check_digit)
    batch.plant("a negative amount", "VALUE_OUT_OF_RANGE", 3, replace_field("电力.消费量", "-12"))
    batch.plant("an amount in words", "VALUE_UNREADABLE", 3, replace_field("电力.消费量", "同上月", "待核"))
    batch.plant("a unit that none is", "UNIT_UNKNOWN_IN_ROW", 4, replace_field("电力.计量单位", "度电箱"))
    batch.plant("a district that is not the city's", "CODE_UNKNOWN", 2, replace_field("单位.所在区", "外市"))
    batch.plant("a return without energy", "ENERGY_RETURN_EMPTY", 4, _empty)
    batch.contradict(3, replace_field("电力.消费量", "99"))
    batch.repeat(4)
    return batch


def write_energy_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one workbook a year."""
    columns = [*(f"单位.{name}" for name in _OFFICE), *(f"{each}.{part}" for each in UNITS for part in _PARTS)]
    heads = list(zip(*(name.split(".") for name in columns), strict=True))
    for name, records in batch.by_source().items():
        rows = [[fields[column] for column in columns] for fields in records]
        with Workbook(folder / "files/carbon" / name) as book:
            # The default is the time of writing: then two runs would give different bytes.
            book.set_properties({"created": datetime(2026, 2, 15, tzinfo=UTC)})
            write_sheet(book.add_worksheet("月报"), [f"重点用能单位能源消费（{name[7:11]}年）"], *heads, *rows)


_PARTS = ("消费量", "计量单位")


def _habit(rng: Random) -> dict[str, float]:
    """The carriers that an enterprise uses, and how much of each it uses as a multiple of the usual."""
    size = rng.choice((0.4, 0.8, 1.0, 1.7))
    used = {carrier: size * rng.uniform(0.7, 1.3) for carrier in UNITS if rng.random() < 0.55}
    return {**used, "电力": size * rng.uniform(0.8, 1.2)}


def _fields(rng: Random, firm: Firm, month: str, habit: dict[str, float]) -> RecordFields:
    fields: RecordFields = {
        "单位.代码": firm.uscc,
        "单位.名称": firm.name,
        "单位.所在区": firm.district.name,
        "单位.统计月": month,
    }
    for carrier, units in UNITS.items():
        unit = rng.choice(list(units))
        amount = habit.get(carrier, 0) * _USUAL[carrier] * rng.uniform(0.85, 1.15) / units[unit]
        fields[f"{carrier}.消费量"] = f"{amount:.2f}" if carrier in habit else None
        fields[f"{carrier}.计量单位"] = unit if carrier in habit else None
    return fields


def _wrong_check_digit(fields: RecordFields, _: Random) -> None:
    fields["单位.代码"] = spoil_check_digit(fields["单位.代码"] or "")


def _empty(fields: RecordFields, _: Random) -> None:
    fields.update(dict.fromkeys((f"{carrier}.{part}" for carrier in UNITS for part in _PARTS), None))
