"""Taps of transit cards: a CSV a day in GB 18030, fares in hundredths, kinds in words."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS, District
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field, widen_digits

TAPS_HEADER = ("卡号", "交易时间", "行业", "交易类型", "站点", "区", "金额(分)")
TAP_TIME = "%Y%m%d%H%M%S"
BUS, BOARDING, EXIT = "公交", "上车", "出站"
_CARDS = 120
_TRAVELS, _CHANGES = 0.85, 0.55
_KEY = ("卡号", "交易时间", "交易类型")


def generate_taps(city: City) -> PlantedBatch:
    """To work by metro and for some of them on by bus; back by bus."""
    batch = PlantedBatch("transit.card_taps", _KEY, city.random("card taps"))
    for day in city.dates:
        for card in range(1, _CARDS + 1):
            if batch.rng.random() < _TRAVELS * (0.4 if day.weekday() >= 5 else 1):
                for fields in _rides(batch.rng, day, card):
                    batch.add(f"IC_{day:%Y%m%d}.csv", fields)
    _spoil(batch)
    return batch


def write_tap_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one file a day."""
    for name, records in batch.by_source().items():
        text = io.StringIO(newline="")
        sheet = csv.writer(text, lineterminator="\r\n")
        sheet.writerow(TAPS_HEADER)
        sheet.writerows([fields[column] for column in TAPS_HEADER] for fields in records)
        (folder / "files/transit" / name).write_bytes(text.getvalue().encode("gb18030"))


def _rides(rng: Random, day: date, card: int) -> Iterator[RecordFields]:
    home, work = DISTRICTS[card % len(DISTRICTS)], DISTRICTS[card * 7 % 5]
    at = datetime.combine(day, time(6, 30)) + timedelta(seconds=rng.randrange(3 * 3600))
    yield _fields(card, at, "地铁", "进站", home, 0)
    at += timedelta(seconds=rng.randrange(600, 2400))
    yield _fields(card, at, "地铁", EXIT, work, rng.choice((200, 300, 400)))
    if rng.random() < _CHANGES:
        at += timedelta(seconds=rng.randrange(120, 2700))
        yield _fields(card, at, BUS, BOARDING, work, 100)
    at = datetime.combine(day, time(17)) + timedelta(seconds=rng.randrange(4 * 3600))
    yield _fields(card, at, BUS, BOARDING, work, 200)


def _fields(card: int, at: datetime, mode: str, kind: str, district: District, fare: int) -> RecordFields:
    stop = f"{'M' if mode == '地铁' else 'B'}{district.code[-2:]}"
    values = (f"990{card:013d}", at.strftime(TAP_TIME), mode, kind, stop, district.short, f"{fare}")
    return dict(zip(TAPS_HEADER, values, strict=True))


def _spoil(batch: PlantedBatch) -> None:
    batch.smudge(20, widen_digits("金额(分)"))
    batch.plant("a fare below nothing", "VALUE_OUT_OF_RANGE", 5, replace_field("金额(分)", "-200"))
    batch.plant("a mode that no list has", "CODE_UNKNOWN", 4, replace_field("行业", "轮渡"))
    batch.plant("a district that is not the city's", "CODE_UNKNOWN", 3, replace_field("区", "邻县"))
    batch.plant("a time that is none", "TIME_UNREADABLE", 5, replace_field("交易时间", "20260230080000", "0"))
    batch.plant("no card", "REQUIRED_MISSING", 4, replace_field("卡号", None))
    batch.plant("an exit in a bus", "EXIT_FROM_BUS", 4, _exit_from_bus)
    batch.contradict(4, replace_field("站点", "X99"))
    batch.repeat(8)


def _exit_from_bus(fields: RecordFields, _: Random) -> None:
    fields["行业"], fields["交易类型"] = BUS, EXIT
