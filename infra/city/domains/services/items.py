"""The register of service items: a workbook a month; two periods in working days, the promised one cut in March."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from xlsxwriter import Workbook

from citylake.infra.city.city_model import City
from citylake.infra.city.generate.enterprises import snapshot_days, write_sheet
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field, unchanged_rows

ITEM_HEADER = ("事项编码", "事项名称", "事项类型", "服务对象", "法定时限(工作日)", "承诺时限(工作日)", "所需材料数")
_KEY = ("事项编码", "事项名称")
_MATTERS = (
    "食品经营",
    "道路运输",
    "户外广告",
    "卫生",
    "排水",
    "建筑施工",
    "人力资源服务",
    "特种设备使用",
    "民办学校",
    "取水",
)
_ACTS = (("许可", "行政许可"), ("备案", "其他类别"), ("变更登记", "行政确认"), ("信息查询", "公共服务事项"))
_LEGAL = {"许可": (10, 20), "备案": (5, 10), "变更登记": (5, 7), "信息查询": (1, 3)}
_CUT_FROM_SECOND = 0.4


@dataclass(frozen=True, slots=True)
class Item:
    """An item of government service, with its periods in working days on the first register."""

    code: str
    name: str
    kind: str
    legal: int
    promised: int
    documents: int


def city_items(city: City) -> list[Item]:
    """The items of the city, in order of their codes."""
    rng, found = city.random("items"), []
    for number, (matter, (act, kind)) in enumerate(((m, a) for m in _MATTERS for a in _ACTS), 1):
        legal = rng.randint(*_LEGAL[act])
        promised = 0 if act == "信息查询" else max(1, round(legal * rng.choice((0.3, 0.4, 0.5))))
        found.append(Item(f"LH{number:06d}000", f"{matter}{act}", kind, legal, promised, rng.randint(2, 9)))
    return found


def generate_items(city: City) -> PlantedBatch:
    """Every item on each snapshot; from the second on, some are promised in half the time."""
    batch = PlantedBatch("government.service_items", _KEY, city.random("items/register"))
    items = city_items(city)
    quicker = {item.code for item in items if batch.rng.random() < _CUT_FROM_SECOND}
    for number, day in enumerate(snapshot_days(city)):
        for item in items:
            halved = number > 0 and item.code in quicker and item.promised > 1
            batch.add(f"sx_{day:%Y%m%d}.xlsx", _fields(item, item.promised // 2 if halved else item.promised))
    _spoil(batch)
    batch.unchanged = unchanged_rows(batch)
    return batch


def write_item_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one workbook per snapshot."""
    for name, records in batch.by_source().items():
        day = datetime.strptime(name, "sx_%Y%m%d.xlsx").replace(tzinfo=UTC)
        rows = [[fields[column] for column in ITEM_HEADER] for fields in records]
        with Workbook(folder / "files/services" / name) as book:
            # The default is the time of writing: then two runs would give different bytes.
            book.set_properties({"created": day})
            title = [f"澜海市政务服务事项基本目录（{day:%Y年%m月}）"]
            write_sheet(book.add_worksheet("事项目录"), title, ITEM_HEADER, *rows)


def _fields(item: Item, promised: int) -> RecordFields:
    return {
        "事项编码": item.code,
        "事项名称": item.name,
        "事项类型": item.kind,
        "服务对象": "企业",
        "法定时限(工作日)": str(item.legal),
        "承诺时限(工作日)": str(promised),
        "所需材料数": str(item.documents),
    }


def _spoil(batch: PlantedBatch) -> None:
    batch.plant("promised later than the law allows", "PROMISE_ABOVE_LEGAL", 2, _promise_too_long)
    batch.plant("a kind of item that no list has", "CODE_UNKNOWN", 1, replace_field("事项类型", "便民小事"))
    batch.plant("a period in words", "VALUE_UNREADABLE", 1, replace_field("法定时限(工作日)", "按规定"))
    batch.repeat(1)


def _promise_too_long(fields: RecordFields, _: Random) -> None:
    fields["承诺时限(工作日)"] = str(int(fields["法定时限(工作日)"] or 0) + 5)
