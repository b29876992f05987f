"""Inspections by the maintenance company: CSV in GB 18030, dates without leading zeros, results in its own words."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.utilities.street_components import Component, street_components
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

_HEADER = ("巡检单号", "部件编码", "巡检日期", "巡检结论", "处置", "班组")
_KEY = ("巡检单号", "部件编码")
_PUNCTUAL = 0.94
_NEVER = 0.01


def generate_inspections(city: City) -> PlantedBatch:
    """The inspections of the quarter before the period's end, by date."""
    batch = PlantedBatch("utilities.inspections", _KEY, city.random("inspections"))
    found = sorted(_inspections(city), key=lambda each: (each[1], each[0].code))
    for number, (component, day) in enumerate(found, 1):
        batch.add(f"巡检记录_{day:%Y%m}.csv", _fields(batch.rng, number, component, day))
    _spoil(batch)
    return batch


def write_inspection_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one file a month."""
    for name, records in batch.by_source().items():
        text = io.StringIO(newline="")
        sheet = csv.writer(text, lineterminator="\r\n")
        sheet.writerow(_HEADER)
        sheet.writerows([fields[column] for column in _HEADER] for fields in records)
        (folder / "files/utilities" / name).write_text(text.getvalue(), encoding="gb18030", newline="")


def _inspections(city: City) -> Iterator[tuple[Component, date]]:
    """The last one or two inspections of each component: most in time, some overdue, some never."""
    rng, last = city.random("rounds"), city.start + timedelta(days=city.days - 1)
    for component in street_components():
        if rng.random() < _NEVER:
            continue
        interval_d = component.kind.interval_d
        ago = rng.randrange(interval_d) if rng.random() < _PUNCTUAL else interval_d + rng.randint(1, 25)
        yield component, last - timedelta(days=ago)
        if rng.random() < 0.5:
            yield component, last - timedelta(days=ago + rng.randint(interval_d - 5, interval_d))


def _fields(rng: Random, number: int, component: Component, day: date) -> RecordFields:
    damaged = rng.random() < 0.04
    return {
        "巡检单号": f"XJ{day:%Y%m}{number:05d}",
        "部件编码": component.code,
        "巡检日期": f"{day.year}/{day.month}/{day.day}",
        "巡检结论": rng.choice(("损坏", "破损")) if damaged else rng.choice(("合格", "完好")),
        "处置": rng.choice(("报修", "设置围挡", "现场修复")) if damaged else "无",
        "班组": f"养护{rng.randint(1, 6)}班",
    }


def _spoil(batch: PlantedBatch) -> None:
    batch.plant("a date that is none", "TIME_UNREADABLE", 4, replace_field("巡检日期", "2026/2/31", "上周五"))
    batch.plant(
        "a component's code with a letter", "PATTERN_MISMATCH", 4, replace_field("部件编码", "99010101O1000003")
    )
    batch.plant("a result that no list has", "CODE_UNKNOWN", 4, replace_field("巡检结论", "基本合格", "未看到"))
    batch.plant("no number", "REQUIRED_MISSING", 3, replace_field("巡检单号", None))
    batch.plant("inspected before its time", "TIME_OUT_OF_SPAN", 3, replace_field("巡检日期", "2062/3/5"))
    batch.warn("DAMAGE_WITHOUT_ACTION", 6, _nothing_done)
    batch.contradict(4, replace_field("班组", "外包队"))
    batch.repeat(6)


def _nothing_done(fields: RecordFields, _: Random) -> None:
    fields["巡检结论"], fields["处置"] = "破损", "无"
