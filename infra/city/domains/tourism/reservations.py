"""Bookings by venue, day and slot: a GB18030 text with ``||`` between the fields, venues by their names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.tourism.venues import Venue
from citylake.infra.city.domains.tourism.visits import VenueHour, venue_hours
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

_FILE = "reservations.txt"
RESERVATIONS_HEADER = ("景点", "游览日期", "时段", "预约人数", "取消人数", "核销人数")
_KEY = ("景点", "游览日期", "时段")
_NOON = 12
_SHORT = {"澜海博物馆": "市博物馆", "东湖风景区": "东湖景区", "南浦海洋馆": "海洋馆", "高新科技馆": "科技馆"}


def generate_reservations(city: City) -> PlantedBatch:
    """What was booked, cancelled and used."""
    batch = PlantedBatch("tourism.reservations", _KEY, city.random("reservations"))
    for fields in _slots(city, batch.rng):
        batch.add(_FILE, fields)
    _spoil(batch)
    return batch


def write_reservations_file(batch: PlantedBatch, folder: Path) -> None:
    """Write the text; its last line is a total."""
    rows = ["||".join(fields[column] or "" for column in RESERVATIONS_HEADER) for fields in batch.of(_FILE)]
    lines = ["||".join(RESERVATIONS_HEADER), *rows, f"合计||||||{len(rows)}条"]
    (folder / "files/tourism" / _FILE).write_bytes(("\r\n".join(lines) + "\r\n").encode("gb18030"))


def _slots(city: City, rng: Random) -> Iterator[RecordFields]:
    entries: Counter[tuple[Venue, str, str]] = Counter()
    for row in venue_hours(city):
        entries[row.venue, f"{row.day.year}.{row.day.month}.{row.day.day}", _slot(row)] += row.entries
    for (venue, day, slot), came in entries.items():
        used = round(came * rng.uniform(0.45, 0.7))
        lost = round(used * rng.uniform(0.02, 0.12))
        missing = round(used * rng.uniform(0.03, 0.10))
        name = _SHORT.get(venue.name, venue.name) if rng.random() < 0.5 else venue.name
        numbers = {"预约人数": f"{used + lost + missing}", "取消人数": f"{lost}", "核销人数": f"{used}"}
        yield {"景点": name, "游览日期": day, "时段": slot, **numbers}


def _slot(row: VenueHour) -> str:
    return "上午" if row.hour < _NOON else "下午"


def _spoil(batch: PlantedBatch) -> None:
    batch.plant("more came than had booked", "CHECKED_IN_ABOVE_BOOKED", 4, _exchange)
    batch.plant("a venue that no list has", "LOOKUP_UNKNOWN", 3, replace_field("景点", "老码头"))
    batch.plant("a number in words", "VALUE_UNREADABLE", 3, replace_field("预约人数", "满", "约满"))
    batch.plant("a slot that no list has", "CODE_UNKNOWN", 2, replace_field("时段", "夜场"))
    batch.plant("a day that is none", "TIME_UNREADABLE", 2, replace_field("游览日期", "2026.2.31"))
    batch.contradict(2, replace_field("预约人数", "99999"))
    batch.repeat(3)


def _exchange(fields: RecordFields, _: object) -> None:
    fields["预约人数"], fields["核销人数"] = "100", "180"
