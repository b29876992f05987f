"""Limits of standards as a table with the days on which they hold: one workbook, a column a unit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from xlsxwriter import Workbook

from citylake.infra.city.city_model import City
from citylake.infra.city.generate.enterprises import write_sheet
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields

LIMITS_FILE = "files/ecology/quality_limits.xlsx"
LIMITS_HEADER = ("标准号", "要素", "项目", "级别", "方向", "mg/L", "pH", "dB(A)", "mg/kg", "实施日期", "废止日期")
_KEY = ("标准号", "项目", "级别", "方向")

WATER_LIMITS = {
    "溶解氧": ("≥", (7.5, 6, 5, 3, 2)),
    "高锰酸盐指数": ("≤", (2, 4, 6, 10, 15)),
    "氨氮": ("≤", (0.15, 0.5, 1.0, 1.5, 2.0)),
    "总磷": ("≤", (0.02, 0.1, 0.2, 0.3, 0.4)),
    "湖库总磷": ("≤", (0.01, 0.025, 0.05, 0.1, 0.2)),
}
"""By item: the direction, and the limits of the classes I to V, mg/L."""
LEAST_PH, GREATEST_PH = 6, 9
_NOISE_LIMITS = {"0": (50, 40), "1": (55, 45), "2": (60, 50), "3": (65, 55), "4a": (70, 55), "4b": (70, 60)}
_SOIL_LIMITS = {
    "砷": (20, 60),
    "镉": (20, 65),
    "六价铬": (3.0, 5.7),
    "铜": (2000, 18000),
    "铅": (400, 800),
    "汞": (8, 38),
    "镍": (150, 900),
}
_WATER, _NOISE, _SOIL = ("GB 3838-2002", "2002-06-01"), ("GB 3096-2008", "2008-10-01"), ("GB 36600-2018", "2018-08-01")


def generate_limits(city: City) -> PlantedBatch:
    """The limits in force, and lines of the table that are no limits."""
    batch = PlantedBatch("environment.quality_limits", _KEY, city.random("quality limits"))
    for fields in (*_water(), *_noise(), *_soil()):
        batch.add("quality_limits.xlsx", fields)
    _spoil(batch)
    return batch


def write_limits_file(batch: PlantedBatch, folder: Path) -> None:
    """Write the workbook; the time of writing is no part of it."""
    rows = [[fields[column] for column in LIMITS_HEADER] for fields in batch.of("quality_limits.xlsx")]
    with Workbook(folder / LIMITS_FILE) as book:
        book.set_properties({"created": datetime(2026, 1, 5, tzinfo=UTC)})
        write_sheet(
            book.add_worksheet("限值"), ["环境质量标准限值表（内部整理，以标准文本为准）"], LIMITS_HEADER, *rows
        )


def _water() -> Iterator[RecordFields]:
    for level in range(5):
        yield _fields(_WATER, "地表水", "pH", str(level + 1), "≥", "pH", LEAST_PH)
        yield _fields(_WATER, "地表水", "pH", str(level + 1), "≤", "pH", GREATEST_PH)
        for item, (bound, limits) in WATER_LIMITS.items():
            yield _fields(_WATER, "地表水", item, str(level + 1), bound, "mg/L", limits[level])


def _noise() -> Iterator[RecordFields]:
    for zone, (day, night) in _NOISE_LIMITS.items():
        yield _fields(_NOISE, "噪声", "昼间", zone, "≤", "dB(A)", day)
        yield _fields(_NOISE, "噪声", "夜间", zone, "≤", "dB(A)", night)


def _soil() -> Iterator[RecordFields]:
    for item, limits in _SOIL_LIMITS.items():
        for number, limit in enumerate(limits, 1):
            yield _fields(_SOIL, "土壤", item, str(number), "≤", "mg/kg", limit)


def _fields(
    standard: tuple[str, str], medium: str, item: str, level: str, bound: str, unit: str, limit: float
) -> RecordFields:
    edition, valid_from = standard
    found: RecordFields = dict.fromkeys(LIMITS_HEADER)
    return found | {
        "标准号": edition,
        "要素": medium,
        "项目": item,
        "级别": level,
        "方向": bound,
        unit: f"{limit:g}",
        "实施日期": valid_from,
    }


def _spoil(batch: PlantedBatch) -> None:
    """Add faulty lines beside the limits, of which none may be missing."""
    wrong: tuple[tuple[str, str, RecordFields], ...] = (
        ("an edition that does not exist", "CODE_UNKNOWN", {"标准号": "GB 3838-2025", "级别": "1"}),
        ("a limit in words", "VALUE_UNREADABLE", {"级别": "3", "项目": "总磷", "mg/L": "见附录", "pH": None}),
        ("no limit at all", "LIMIT_WITHOUT_VALUE", {"级别": "2", "项目": "溶解氧", "pH": None}),
        ("an item that no list has", "CODE_UNKNOWN", {"级别": "2", "项目": "感官"}),
    )
    for kind, issue, change in wrong:
        record = batch.add("quality_limits.xlsx", _fields(_WATER, "地表水", "pH", "5", "≤", "pH", 9) | change)
        record.fields["方向"] = "≤" if issue != "CODE_UNKNOWN" else "≥"
        batch.note(kind, issue, record)
    batch.repeat(2)
