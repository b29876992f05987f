"""Orders of maintenance of machines and event assets: one JSON document, dates as eight digits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.assets.machines import EventAsset, Machine, event_assets, machines
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

MAINTENANCE_FILE = "files/assets/maintenance.json"
_RUNNING_SHARE = 0.8
_HISTORY_DAYS = 120


def generate_maintenance(city: City) -> PlantedBatch:
    """Services with the hours at which they were done, repairs of failures, and inspections."""
    batch = PlantedBatch("assets.maintenance", ("gdh", "kdrq"), city.random("maintenance"))
    orders = [order for machine in machines(city) for order in _of_machine(city, batch.rng, machine)]
    orders += [order for asset in event_assets(city) for order in _of_asset(city, batch.rng, asset)]
    for number, fields in enumerate(sorted(orders, key=lambda order: order["kdrq"] or ""), 1):
        batch.add("maintenance.json", {"gdh": f"WX{number:05d}", **fields})
    _spoil(batch)
    return batch


def write_maintenance_file(batch: PlantedBatch, folder: Path) -> None:
    """Write one document."""
    text = json.dumps({"orders": batch.of("maintenance.json")}, ensure_ascii=False, indent=0)
    (folder / MAINTENANCE_FILE).write_text(text, encoding="utf-8")


def _of_machine(city: City, rng: Random, machine: Machine) -> Iterator[RecordFields]:
    for kind, many in (("保养", 1), ("维修", rng.choice((0, 0, 1, 1, 2, 3))), ("巡检", rng.choice((0, 1)))):
        for _ in range(many):
            opened = city.start - timedelta(days=rng.randrange(4, _HISTORY_DAYS))
            closed = opened + timedelta(days=rng.randrange(0, 4))
            hours = machine.hours_h - _RUNNING_SHARE * 24 * (city.start - closed).days
            yield _fields(machine.code, kind, opened, closed, f"{hours:.1f}")
    if rng.random() < 0.3:
        opened = city.start - timedelta(days=rng.randrange(1, 12))
        yield _fields(machine.code, "维修", opened, None, None)


def _of_asset(city: City, rng: Random, asset: EventAsset) -> Iterator[RecordFields]:
    if rng.random() < 0.4:
        opened = city.start - timedelta(days=rng.randrange(5, _HISTORY_DAYS))
        yield _fields(asset.code, "维修", opened, opened + timedelta(days=rng.randrange(1, 5)), None)


def _fields(code: str, kind: str, opened: date, closed: date | None, hours: str | None) -> RecordFields:
    return {
        "sbbh": code,
        "gdlx": kind,
        "kdrq": f"{opened:%Y%m%d}",
        "yqrq": f"{opened + timedelta(days=7):%Y%m%d}",
        "wcrq": f"{closed:%Y%m%d}" if closed else "",
        "yxxs": hours or "",
    }


def _spoil(batch: PlantedBatch) -> None:
    batch.plant("closed before it was opened", "ORDER_CLOSED_BEFORE_OPENED", 4, replace_field("wcrq", "20200101"))
    batch.plant("a kind that no list has", "CODE_UNKNOWN", 3, replace_field("gdlx", "改造"))
    batch.plant("a day that is none", "TIME_UNREADABLE", 3, replace_field("yqrq", "20260231"))
    batch.plant("no machine", "REQUIRED_MISSING", 2, replace_field("sbbh", None))
    batch.contradict(2, replace_field("yqrq", "20300101"))
    batch.repeat(3)
