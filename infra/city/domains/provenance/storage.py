"""What cold stores took in and gave out: a workbook, weights in jin, dates as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from xlsxwriter import Workbook

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.provenance.food_chain import food_chain
from citylake.infra.city.generate.enterprises import write_sheet
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

_FILE = "冷库出入仓.xlsx"


def generate_storage(city: City) -> PlantedBatch:
    """A stay in a store of two batches in three; one in twenty is still there."""
    batch = PlantedBatch("provenance.storage", ("入仓单号", "批次号"), city.random("food storage"))
    rng = batch.rng
    for number, made in enumerate(food_chain(city).batches, 1):
        if rng.random() < 1 / 3:
            continue
        stored = made.made_at + timedelta(minutes=rng.randrange(300, 500))
        released = stored + timedelta(minutes=rng.randrange(200, 3000))
        fields: RecordFields = {
            "入仓单号": f"RK{number:06d}",
            "批次号": made.code,
            "仓库编号": f"CK{rng.randint(1, 12):03d}",
            "入仓时间": f"{stored:%Y年%m月%d日 %H:%M}",
            "出仓时间": f"{released:%Y年%m月%d日 %H:%M}" if rng.random() < 0.95 else "",
            "数量(斤)": f"{made.kg * 2:.1f}",
            "最高温度(℃)": f"{rng.uniform(9, 14) if rng.random() < 0.03 else rng.uniform(-2, 4):.1f}",
        }
        batch.add(_FILE, fields)
    batch.plant("out before it was in", "STORAGE_ENDS_BEFORE_START", 3, _release_too_early)
    batch.plant("no store", "REQUIRED_MISSING", 2, replace_field("仓库编号", None))
    batch.plant("a weight in words", "VALUE_UNREADABLE", 2, replace_field("数量(斤)", "三筐"))
    batch.contradict(2, replace_field("数量(斤)", "5.5"))
    batch.repeat(3)
    return batch


def write_storage(batch: PlantedBatch, folder: Path) -> None:
    """Write the workbook, below a title."""
    records = batch.of(_FILE)
    with Workbook(folder / "files/provenance" / _FILE) as book:
        # The default is the time of writing: then two runs would give different bytes.
        book.set_properties({"created": datetime(2026, 3, 9, tzinfo=UTC)})
        rows = [list(fields.values()) for fields in records]
        write_sheet(book.add_worksheet("出入仓"), ["澜海冷链仓储出入仓登记"], list(records[0]), *rows)


def _release_too_early(fields: RecordFields, _: object) -> None:
    fields["出仓时间"] = "2026年02月01日 08:00"
