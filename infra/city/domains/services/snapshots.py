"""Reports of an app by which people photograph what is wrong: a cursor API, GCJ-02, milliseconds, everyday words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS, District
from citylake.infra.city.generate.gcj02 import wgs84_to_gcj02
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, poisson_number, replace_field

SNAPSHOTS_FILE = "api/snapshots.json"
TOPICS = {
    "乱停车": "01",
    "垃圾没人收": "02",
    "路面积水": "03",
    "半夜施工": "04",
    "路灯不亮": "06",
    "有怪味": "08",
}
"""What people tap, and the field of public affairs that it is about."""
_RATE = 0.085
_ZONE = ZoneInfo("Asia/Shanghai")
_FIRST_BURST_DAY = 4


@dataclass(frozen=True, slots=True)
class Burst:
    """Many reports of one topic in one district, in successive hours from ``hour`` (0: the city's first)."""

    topic: str
    district: District
    hour: int
    hours: int

    def holds(self, topic: str, district: District, hour: int) -> bool:
        """Whether an hour of a topic and district is in it."""
        return (topic, district) == (self.topic, self.district) and self.hour <= hour < self.hour + self.hours


def planted_bursts(city: City) -> list[Burst]:
    """Bursts of the last days, each of a topic and district of its own."""
    rng = city.random("bursts")
    if city.days <= _FIRST_BURST_DAY:
        return []
    places = rng.sample([(topic, district) for topic in TOPICS for district in DISTRICTS], 9)
    return [
        Burst(topic, district, 24 * rng.randrange(_FIRST_BURST_DAY, city.days) + rng.randint(7, 19), rng.randint(1, 3))
        for topic, district in places
    ]


def generate_snapshots(city: City) -> PlantedBatch:
    """The reports of the period, in order of their times."""
    batch = PlantedBatch("government.snapshots", ("id", "ts"), city.random("snapshots"))
    reports = sorted(_reports(city, batch.rng), key=lambda report: report[0])
    for number, (at, district, topic) in enumerate(reports, 1):
        batch.add("", _fields(batch.rng, number, at, district, topic))
    _spoil(batch)
    return batch


def write_snapshots_file(batch: PlantedBatch, folder: Path) -> None:
    """Write all reports as one JSON list; the server splits it into pages."""
    rows = batch.of("")
    (folder / SNAPSHOTS_FILE).write_text(json.dumps(rows, ensure_ascii=False, indent=0), encoding="utf-8")


def _reports(city: City, rng: Random) -> Iterator[tuple[datetime, District, str]]:
    bursts = planted_bursts(city)
    for hour in range(city.hours):
        awake = 1.0 if 7 <= city.at(hour).hour < 22 else 0.08
        for district in DISTRICTS:
            for topic in TOPICS:
                count = poisson_number(rng, _RATE * awake * district.bustle)
                if any(burst.holds(topic, district, hour) for burst in bursts):
                    count = rng.randint(11, 17)
                for _ in range(count):
                    yield city.at(hour) + timedelta(seconds=rng.randrange(3600)), district, topic


def _fields(rng: Random, number: int, at: datetime, district: District, topic: str) -> RecordFields:
    place = wgs84_to_gcj02(
        district.longitude_deg + rng.uniform(-0.05, 0.05), district.latitude_deg + rng.uniform(-0.04, 0.04)
    )
    closed = at + timedelta(hours=rng.lognormvariate(2.4, 0.8)) if rng.random() < 0.88 else None
    return {
        "id": f"SSP{number:07d}",
        "ts": milliseconds(at),
        "closedTs": milliseconds(closed) if closed else "0",
        "tag": topic,
        "area": district.short,
        "lng": f"{place[0]:.6f}",
        "lat": f"{place[1]:.6f}",
        "client": rng.choice(("ios", "android", "mini-program")),
    }


def milliseconds(at: datetime) -> str:
    """A local time as milliseconds since 1970 in UTC."""
    return str(int(at.replace(tzinfo=_ZONE).timestamp()) * 1000)


def _spoil(batch: PlantedBatch) -> None:
    batch.plant("a tag that no list has", "CODE_UNKNOWN", 5, replace_field("tag", "好看的云", "别的"))
    batch.plant("longitude and latitude exchanged", "VALUE_OUT_OF_RANGE", 4, _exchange)
    batch.plant("no place", "PLACE_ZERO", 3, _nowhere)
    batch.plant("a time that is none", "TIME_UNREADABLE", 3, replace_field("ts", "刚才", "NaN"))
    batch.plant("closed before it was reported", "SNAPSHOT_CLOSED_BEFORE_REPORTED", 4, _close_too_early)
    batch.plant("no number", "REQUIRED_MISSING", 2, replace_field("id", None))
    batch.contradict(3, replace_field("client", "web"))
    batch.repeat(5)


def _exchange(fields: RecordFields, _: Random) -> None:
    fields["lng"], fields["lat"] = fields["lat"], fields["lng"]


def _nowhere(fields: RecordFields, _: Random) -> None:
    fields["lng"], fields["lat"] = "0.000000", "0.000000"


def _close_too_early(fields: RecordFields, rng: Random) -> None:
    fields["closedTs"] = str(int(fields["ts"] or 0) - rng.randint(1, 9) * 3_600_000)
