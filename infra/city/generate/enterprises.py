"""The enterprise register: one workbook a month with a title row; districts by name, capital in 万元."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS, District
from citylake.infra.city.generate.plant_faults import (
    PlantedBatch,
    RecordFields,
    replace_field,
    unchanged_rows,
)
from citylake.infra.city.generate.roads import random_address
from citylake.infra.city.generate.spelling import given_name
from citylake.infra.city.generate.uscc import make_uscc, spoil_check_digit

ENTERPRISE_HEADER = (
    "统一社会信用代码",
    "企业名称",
    "所属区",
    "住所",
    "注册资本(万元)",
    "行业门类",
    "成立日期",
    "经营状态",
)
_KEY = ("统一社会信用代码", "企业名称")
_SECTIONS = "CEFGHIJLM"
_TRADES = ("精密制造", "建筑工程", "商贸", "物流", "餐饮", "软件", "投资", "租赁", "检测技术")
_WORDS = ("澜江", "东湖", "云帆", "海纳", "启明", "松涛", "远航", "锦程", "恒信", "瑞丰", "星野", "青禾")
_PER_DISTRICT = 150


def generate_enterprises(city: City) -> PlantedBatch:
    """The register on the day of each snapshot."""
    batch = PlantedBatch("government.enterprise_registry", _KEY, city.random("enterprises"))
    register = _founders(batch.rng)
    for number, day in enumerate(snapshot_days(city)):
        register = _advance_month(batch.rng, register, day) if number else register
        for fields in register:
            batch.add(f"enterprises_{day:%Y%m%d}.xlsx", dict(fields))
    _spoil(batch)
    batch.unchanged = unchanged_rows(batch)
    return batch


def founders(city: City) -> list[RecordFields]:
    """The enterprises of the first register, without faults."""
    return _founders(city.random("enterprises"))


def snapshot_days(city: City) -> list[date]:
    """The first of each month, from the month in which the city starts."""
    days = {day.replace(day=1) for day in city.dates}
    return sorted(days)


def write_enterprise_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one workbook per snapshot."""
    for name, records in batch.by_source().items():
        day = datetime.strptime(name, "enterprises_%Y%m%d.xlsx").replace(tzinfo=UTC)
        title = f"澜海市企业登记信息（{day:%Y年%m月}）"
        rows = [[fields[column] for column in ENTERPRISE_HEADER] for fields in records]
        with Workbook(folder / "files/enterprise" / name) as book:
            # The default is the time of writing: then two runs would give different bytes.
            book.set_properties({"created": day})
            write_sheet(book.add_worksheet("企业名录"), [title], ENTERPRISE_HEADER, *rows)


def write_sheet(sheet: Worksheet, *rows: Sequence[str | None]) -> None:
    """Every cell is text; no value, no cell."""
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if value is not None:
                sheet.write_string(number, column, value)


def _founders(rng: Random) -> list[RecordFields]:
    number, found = 0, []
    for district in DISTRICTS:
        for _ in range(round(_PER_DISTRICT * district.bustle)):
            number += 1
            found.append(_enterprise(rng, number, district, date(2008, 1, 1) + timedelta(days=rng.randrange(6400))))
    return found


def _enterprise(rng: Random, number: int, district: District, founded: date) -> RecordFields:
    trade, uscc = rng.randrange(len(_TRADES)), make_uscc(district.code, number)
    return {
        "统一社会信用代码": uscc,
        "企业名称": f"澜海{rng.choice(_WORDS)}{given_name(number)}{_TRADES[trade]}有限公司",
        "所属区": district.name,
        "住所": random_address(Random(f"address/{uscc}"), district)[1],
        "注册资本(万元)": rng.choice(("50", "100", "200", "500", "1000", "3000.5", "1,200")),
        "行业门类": _SECTIONS[trade],
        "成立日期": f"{founded:%Y年%m月%d日}",
        "经营状态": "存续" if rng.random() < 0.94 else "注销",
    }


def _advance_month(rng: Random, register: list[RecordFields], day: date) -> list[RecordFields]:
    """The register a month later: some enterprises close, move or are removed, and some are new."""
    later = [dict(fields) for fields in register if rng.random() > 0.004]
    for fields in rng.sample(later, 18):
        fields["经营状态"] = "注销"
    for fields in rng.sample(later, 10):
        fields["所属区"] = rng.choice(DISTRICTS).name
    first = 10_000 * day.month
    new = (_enterprise(rng, first + n, rng.choice(DISTRICTS), day - timedelta(days=n % 25 + 1)) for n in range(25))
    return [*later, *new]


def _spoil(batch: PlantedBatch) -> None:
    batch.plant("a wrong check digit", "CHECK_DIGIT_WRONG", 6, _wrong_check_digit)
    batch.plant("a capital in words", "VALUE_UNREADABLE", 4, replace_field("注册资本(万元)", "面议", "壹佰万"))
    batch.plant("a negative capital", "VALUE_OUT_OF_RANGE", 2, replace_field("注册资本(万元)", "-50"))
    batch.plant("no name", "REQUIRED_MISSING", 3, replace_field("企业名称", None))
    batch.plant("a district that is not the city's", "CODE_UNKNOWN", 3, replace_field("所属区", "外市"))
    batch.contradict(3, replace_field("注册资本(万元)", "8888"))
    batch.repeat(4)


def _wrong_check_digit(fields: RecordFields, _: Random) -> None:
    fields["统一社会信用代码"] = spoil_check_digit(fields["统一社会信用代码"] or "")
