"""Assets for sports events: their cards (JSON lines) and their leases (a GB18030 CSV, by the last day of each lease).

Some assets are promised twice for the same days: each row alone is right, and only two together are not.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.assets.machines import LEASE_DAYS, EventAsset, event_assets
from citylake.infra.city.generate.json_lines import write_json_lines
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

LEASE_HEADER = ("租约号", "资产编号", "活动名称", "起租日", "止租日", "归还日", "租金(元)")
_EVENTS = ("澜海马拉松", "湖滨音乐节", "市运会", "龙舟公开赛", "电竞联赛", "自行车环湖赛", "灯会")
_DOUBLE_LEASES = 7


def generate_event_assets(city: City) -> PlantedBatch:
    """The card of each asset on the last day of the period."""
    batch = PlantedBatch("assets.event_assets", ("code", "acquired"), city.random("asset_cards"))
    day = city.start + timedelta(days=city.days - 1)
    for asset in event_assets(city):
        fields: RecordFields = {
            "code": asset.code,
            "name": f"{asset.category}{asset.code[-3:]}",
            "category": asset.category,
            "acquired": f"{asset.acquired_on:%d/%m/%Y}",
            "disposed": f"{asset.disposed_on:%d/%m/%Y}" if asset.disposed_on else None,
            "value": str(asset.value_cny),
        }
        batch.add(f"cards_{day:%Y%m%d}.jsonl", fields)
    batch.plant(
        "disposed of before it was acquired", "DISPOSED_BEFORE_ACQUIRED", 2, replace_field("disposed", "01/01/2001")
    )
    batch.plant("a kind that no list has", "CODE_UNKNOWN", 2, replace_field("category", "热气球"))
    batch.plant("a value below zero", "VALUE_OUT_OF_RANGE", 1, replace_field("value", "-5"))
    batch.plant("no code", "REQUIRED_MISSING", 1, replace_field("code", None))
    batch.repeat(2)
    return batch


def write_event_assets(batch: PlantedBatch, folder: Path) -> None:
    """Write one object a line."""
    for name, records in batch.by_source().items():
        write_json_lines(folder / "files/assets" / name, records)


def generate_leases(city: City) -> PlantedBatch:
    """Leases of the half year before the period's end, and a few that overlap another one."""
    batch = PlantedBatch("assets.asset_leases", ("租约号", "起租日"), city.random("leases"))
    rows = [row for asset in event_assets(city) for row in _of_asset(city, batch.rng, asset)]
    for first, fields in sorted(rows, key=lambda row: (row[0], row[1]["资产编号"] or "")):
        number = len(batch.records) + 1
        batch.add(f"leases_{first:%Y%m}.csv", {"租约号": f"ZL{first:%y%m}{number:04d}", **fields})
    _spoil(batch)
    _lease_twice(batch)
    return batch


def write_lease_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one file a month."""
    for name, records in batch.by_source().items():
        text = io.StringIO(newline="")
        sheet = csv.writer(text, lineterminator="\r\n")
        sheet.writerow(LEASE_HEADER)
        sheet.writerows([fields[column] for column in LEASE_HEADER] for fields in records)
        (folder / "files/assets" / name).write_bytes(text.getvalue().encode("gb18030"))


def _of_asset(city: City, rng: Random, asset: EventAsset) -> Iterator[tuple[date, RecordFields]]:
    """Leases one after another; the last one may not be back yet."""
    end = city.start + timedelta(days=city.days)
    day = end - timedelta(days=LEASE_DAYS) + timedelta(days=rng.randrange(20))
    while day < (asset.disposed_on or end) - timedelta(days=16):
        last = day + timedelta(days=rng.randrange(1, 14))
        back = last + timedelta(days=rng.choice((0, 1, 1, 2)))
        yield day, _fields(rng, asset, day, last, back)
        day = max(last, back) + timedelta(days=rng.randrange(4, 50))


def _fields(rng: Random, asset: EventAsset, first: date, last: date, back: date) -> RecordFields:
    days = (last - first).days + 1
    return {
        "资产编号": asset.code,
        "活动名称": rng.choice(_EVENTS),
        "起租日": f"{first:%Y-%m-%d}",
        "止租日": f"{last:%Y-%m-%d}",
        "归还日": f"{back:%Y-%m-%d}",
        "租金(元)": f"{days * asset.value_cny * 0.002:.2f}",
    }


def _spoil(batch: PlantedBatch) -> None:
    batch.plant("ends before it begins", "LEASE_ENDS_BEFORE_START", 4, replace_field("止租日", "2020-01-01"))
    batch.plant("a day that is none", "TIME_UNREADABLE", 3, replace_field("起租日", "2026-02-30", "待定"))
    batch.plant("no asset", "REQUIRED_MISSING", 3, replace_field("资产编号", None))
    batch.plant("a rent in words", "VALUE_UNREADABLE", 3, replace_field("租金(元)", "面议"))
    batch.contradict(2, replace_field("租金(元)", "1.00"))
    batch.repeat(3)


def _lease_twice(batch: PlantedBatch) -> None:
    """Add a lease that begins on the last day of another one of the same asset."""
    clean = [record for record in batch.records if not record.spoiled]
    for number, record in enumerate(batch.rng.sample(clean, min(_DOUBLE_LEASES, len(clean)))):
        fields = dict(record.fields)
        last = date.fromisoformat(fields["止租日"] or "")
        fields |= {
            "租约号": f"ZLX{number + 1:03d}",
            "起租日": f"{last:%Y-%m-%d}",
            "止租日": f"{last + timedelta(days=1):%Y-%m-%d}",
            "归还日": f"{last + timedelta(days=2):%Y-%m-%d}",
        }
        batch.add(record.source, fields)
