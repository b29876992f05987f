"""Report cards of notifiable diseases: a GB18030 CSV for each week of reports, with a title above the header."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.health.epidemic import IllPerson, ill_persons, last_day
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

CASES_HEADER = ("卡片编号", "患者编号", "病种", "病例分类", "发病日期", "报告时间", "现住地区", "报告单位")
_KEY = ("卡片编号", "发病日期", "病种")
_BASES = ("临床诊断", "临床诊断", "确诊", "疑似")


def generate_cases(city: City) -> PlantedBatch:
    """Every case that was reported within the period."""
    batch = PlantedBatch("health.notifiable_cases", _KEY, city.random("cases"))
    reported = [each for each in ill_persons(city) if each.reported <= last_day(city)]
    for ill in sorted(reported, key=lambda each: (each.reported, each.number)):
        batch.add(f"card_{_monday(ill.reported):%Y%m%d}.csv", _fields(batch.rng, ill))
    _spoil(batch)
    return batch


def write_case_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one file a week."""
    for name, records in batch.by_source().items():
        text = io.StringIO(newline="")
        text.write("传染病报告卡导出\r\n")
        sheet = csv.writer(text, lineterminator="\r\n")
        sheet.writerow(CASES_HEADER)
        sheet.writerows([fields[column] for column in CASES_HEADER] for fields in records)
        (folder / "files/health" / name).write_bytes(text.getvalue().encode("gb18030"))


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _fields(rng: Random, ill: IllPerson) -> RecordFields:
    hospital = f"{ill.district.code}H{rng.randint(1, 2):02d}"
    minutes = rng.randint(8 * 60, 18 * 60)
    return {
        "卡片编号": f"{ill.district.code}{ill.reported:%Y%m%d}{ill.number:05d}",
        "患者编号": f"MZ{rng.randrange(10**8):08d}",
        "病种": ill.disease,
        "病例分类": rng.choice(_BASES),
        "发病日期": f"{ill.onset:%Y.%m.%d}",
        "报告时间": f"{ill.reported:%Y/%m/%d} {minutes // 60:02d}:{minutes % 60:02d}",
        "现住地区": rng.choice((ill.district.name, ill.district.name, ill.district.short)),
        "报告单位": hospital,
    }


def _spoil(batch: PlantedBatch) -> None:
    batch.plant("onset after the report", "ONSET_AFTER_REPORT", 6, _falls_ill_later)
    batch.plant("a district that was merged away", "CODE_NOT_VALID", 4, replace_field("现住地区", "经开区"))
    batch.plant("a district that is not the city's", "CODE_UNKNOWN", 5, replace_field("现住地区", "外市", "不详"))
    batch.plant("a basis that no list has", "CODE_UNKNOWN", 3, replace_field("病例分类", "待定"))
    batch.plant("a day that is none", "TIME_UNREADABLE", 4, replace_field("发病日期", "2026.02.30", "上周"))
    batch.plant("no number", "REQUIRED_MISSING", 3, replace_field("卡片编号", None))
    batch.plant("no disease", "REQUIRED_MISSING", 2, replace_field("病种", None))
    batch.contradict(4, replace_field("报告单位", "990199H99"))
    batch.repeat(6)


def _falls_ill_later(fields: RecordFields, rng: Random) -> None:
    reported = date.fromisoformat((fields["报告时间"] or "")[:10].replace("/", "-"))
    fields["发病日期"] = f"{reported + timedelta(days=rng.randint(1, 5)):%Y.%m.%d}"
