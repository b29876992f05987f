"""The tax authority's list: one GB18030 CSV a month; taxpayers by USCC, a district that is gone, arrears in 万元."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.generate.enterprises import snapshot_days
from citylake.infra.city.generate.firms import Firm, city_firms
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field, unchanged_rows
from citylake.infra.city.generate.spelling import WrittenName, write_name
from citylake.infra.city.generate.uscc import spoil_check_digit

TAX_HEADER = ("纳税人识别号", "纳税人名称", "主管区", "注册地址", "行业", "信用级别", "欠缴金额(万元)")
_KEY = ("纳税人识别号", "纳税人名称")
_ABOLISHED = {"990106": "经开区"}


def generate_taxpayers(city: City) -> PlantedBatch:
    """Three of five enterprises on each snapshot; some arrears change from month to month."""
    batch = PlantedBatch("tax.taxpayers", _KEY, city.random("taxpayers"))
    listed = [firm for firm in city_firms(city) if firm.number % 5 < 3]
    owed = {firm.uscc: _owed(batch.rng) for firm in listed}
    for firm in listed:
        batch.who[firm.uscc] = write_name(batch.rng, firm.uscc, firm.name, exact=0.86, abbreviated=0.08)
    for number, day in enumerate(snapshot_days(city)):
        for firm in listed:
            if number and batch.rng.random() < 0.2:
                owed[firm.uscc] = _owed(batch.rng)
            batch.add(f"nsr_{day:%Y%m%d}.csv", _fields(firm, batch.who[firm.uscc], day, owed[firm.uscc]))
    _spoil(batch)
    batch.unchanged = unchanged_rows(batch)
    return batch


def write_taxpayer_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one file per snapshot."""
    for name, records in batch.by_source().items():
        text = io.StringIO(newline="")
        sheet = csv.writer(text, lineterminator="\r\n")
        sheet.writerow(TAX_HEADER)
        sheet.writerows([fields[column] for column in TAX_HEADER] for fields in records)
        (folder / "files/tax" / name).write_bytes(text.getvalue().encode("gb18030"))


def _owed(rng: Random) -> str:
    return f"{rng.uniform(0.1, 90):,.2f}" if rng.random() < 0.12 else "0.00"


def _fields(firm: Firm, written: WrittenName, day: date, owed: str) -> RecordFields:
    # For enterprises older than 2020, the authority's system still has the district that was abolished then.
    old = _ABOLISHED.get(firm.district.code) if firm.founded < "2020-07-01" else None
    return {
        "纳税人识别号": firm.uscc,
        "纳税人名称": written.name,
        "主管区": old or firm.district.short,
        "注册地址": firm.address.replace(firm.district.name, old) if old else firm.address,
        "行业": firm.section,
        "信用级别": f"{'ABBBMCD'[firm.number % 7]}级",
        "欠缴金额(万元)": owed,
    }


def _spoil(batch: PlantedBatch) -> None:
    batch.plant("a wrong check digit", "CHECK_DIGIT_WRONG", 5, _wrong_check_digit)
    batch.plant("arrears in words", "VALUE_UNREADABLE", 4, replace_field("欠缴金额(万元)", "见附表", "已申请缓缴"))
    batch.plant("negative arrears", "VALUE_OUT_OF_RANGE", 2, replace_field("欠缴金额(万元)", "-3.20"))
    batch.plant("no name", "REQUIRED_MISSING", 3, replace_field("纳税人名称", None))
    batch.plant("a district that is not the city's", "CODE_UNKNOWN", 3, replace_field("主管区", "外市", "跨区税源"))
    batch.contradict(3, replace_field("欠缴金额(万元)", "123.45"))
    batch.repeat(4)


def _wrong_check_digit(fields: RecordFields, _: Random) -> None:
    fields["纳税人识别号"] = spoil_check_digit(fields["纳税人识别号"] or "")
