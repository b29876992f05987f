"""Permitted concentrations: a workbook with a title; some rows in g/m³, and some outlets get tighter limits."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from xlsxwriter import Workbook

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.emissions.outlets import TIGHTER_FROM, city_outlets
from citylake.infra.city.generate.enterprises import write_sheet
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

LIMIT_HEADER = ("排放口", "污染物", "限值", "单位", "执行日期", "废止日期")
_BEGIN = "2021-01-01"
_NAMES = {"a21026": "SO2", "a21002": "氮氧化物"}


def generate_limits(city: City) -> PlantedBatch:
    """One row for each limit, and for each change of one."""
    batch = PlantedBatch("emissions.limits", ("排放口", "污染物", "执行日期"), city.random("emissions.limits"))
    for outlet in city_outlets(city):
        for factor, (before, after) in outlet.limits_mgm3.items():
            changed = f"{TIGHTER_FROM:%Y-%m-%d}" if after != before else None
            batch.add("limits.xlsx", _fields(outlet.code, factor, before, _BEGIN, changed))
            if changed:
                batch.add("limits.xlsx", _fields(outlet.code, factor, after, changed, None))
    batch.smudge(12, _in_grams)
    batch.plant("a limit in words", "VALUE_UNREADABLE", 2, replace_field("限值", "见许可证"))
    batch.plant("a unit that none is", "UNIT_UNKNOWN_IN_ROW", 2, replace_field("单位", "千克/小时"))
    batch.plant("it ends before it begins", "LIMIT_ENDS_BEFORE_IT_BEGINS", 2, replace_field("废止日期", "2019-12-31"))
    batch.plant("a date that is none", "TIME_UNREADABLE", 1, replace_field("执行日期", "2021-02-30"))
    batch.contradict(2, replace_field("限值", "9.5"))
    batch.repeat(3)
    return batch


def write_limits_file(batch: PlantedBatch, folder: Path) -> None:
    """Write the workbook."""
    rows = [[fields[name] for name in LIMIT_HEADER] for fields in batch.of("limits.xlsx")]
    with Workbook(folder / "files/emissions/limits.xlsx") as book:
        # The default is the time of writing: then two runs would give different bytes.
        book.set_properties({"created": datetime(2026, 1, 1, tzinfo=UTC)})
        write_sheet(book.add_worksheet("限值"), ["澜海市排放口许可限值"], LIMIT_HEADER, *rows)


def _fields(outlet: str, factor: str, limit: int, begin: str, end: str | None) -> RecordFields:
    return {
        "排放口": outlet,
        "污染物": _NAMES[factor],
        "限值": f"{limit}",
        "单位": "毫克/立方米",
        "执行日期": begin,
        "废止日期": end,
    }


def _in_grams(fields: RecordFields, _: object) -> None:
    fields["限值"], fields["单位"] = f"{int(fields['限值'] or 0) / 1000:.3f}", "克/立方米"
