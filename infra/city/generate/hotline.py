"""12345 hotline cases: a paged JSON API with pinyin-initial keys, every value a string, districts by name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS, District
from citylake.infra.city.generate.complaints import name_enterprises
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, poisson_number, replace_field

HOTLINE_FILE = "api/hotline.json"
_CATEGORIES = ("市容环境", "噪声扰民", "道路交通", "供水供电", "物业管理", "政务咨询")
_DAYTIME = (0.3, 0.5, 1.5, 1.0, 1.1, 1.6)
_NIGHT = (0.05, 0.9, 0.1, 0.2, 0.1, 0.02)
_FLOODING = "积水排水"


def generate_hotline(city: City) -> PlantedBatch:
    """The cases of the whole period, in order of acceptance."""
    batch = PlantedBatch("government.hotline_cases", ("ajbh", "slsj", "ssqx"), city.random("hotline"))
    cases = sorted(_cases(city, batch.rng), key=lambda case: case[0])
    for number, (accepted_at, district, category) in enumerate(cases, 1):
        batch.add("", _fields(batch.rng, number, accepted_at, district, category))
    name_enterprises(city, batch)
    _spoil(batch)
    return batch


def write_hotline_file(batch: PlantedBatch, folder: Path) -> None:
    """Write all records as one JSON list; the server splits it into pages."""
    rows = batch.of("")
    (folder / HOTLINE_FILE).write_text(json.dumps(rows, ensure_ascii=False, indent=0), encoding="utf-8")


def _cases(city: City, rng: Random) -> Iterator[tuple[datetime, District, str]]:
    for hour in range(city.hours):
        rates = _DAYTIME if 8 <= city.at(hour).hour < 21 else _NIGHT
        for district in DISTRICTS:
            for category, rate in zip(_CATEGORIES, rates, strict=True):
                for _ in range(poisson_number(rng, 0.16 * rate * district.bustle)):
                    yield _moment(city, hour, rng), district, category
            for _ in range(poisson_number(rng, 0.05 * city.recent_rain_mm(district, hour) * district.bustle)):
                yield _moment(city, hour, rng), district, _FLOODING


def _moment(city: City, hour: int, rng: Random) -> datetime:
    return city.at(hour) + timedelta(seconds=rng.randrange(3600))


def _fields(rng: Random, number: int, accepted_at: datetime, district: District, category: str) -> RecordFields:
    hours = rng.uniform(0.5, 6) if category == _FLOODING else rng.uniform(1, 96)
    closed = rng.random() < 0.93
    return {
        "ajbh": f"LH{accepted_at:%Y%m%d}{number:06d}",
        "slsj": f"{accepted_at:%Y-%m-%d %H:%M:%S}",
        "bjsj": f"{accepted_at + timedelta(hours=hours):%Y-%m-%d %H:%M:%S}" if closed else "",
        "ssqx": rng.choice((district.name, district.name, district.name, district.short)),
        "sqlx": _kind(rng, category),
        "sqfl": category,
        "ajzt": "已办结" if closed else "办理中",
        "myd": str(min(5, max(1, round(rng.gauss(4.2 if hours < 48 else 3.2, 0.9))))) if closed else "",
    }


def _kind(rng: Random, category: str) -> str:
    if category == "政务咨询":
        return "咨询"
    return rng.choice(("投诉", "投诉", "求助", "举报", "建议"))


def _spoil(batch: PlantedBatch) -> None:
    batch.plant("closed before it was accepted", "CASE_CLOSED_BEFORE_ACCEPTED", 7, _close_too_early)
    batch.plant(
        "a district that is not the city's", "CODE_UNKNOWN", 5, replace_field("ssqx", "老城区", "外市", "待核实")
    )
    batch.plant("a district that was merged away", "CODE_NOT_VALID", 4, replace_field("ssqx", "经开区"))
    batch.plant("a kind of case that no list has", "CODE_UNKNOWN", 2, replace_field("sqlx", "闲聊"))
    batch.plant("a time that is none", "TIME_UNREADABLE", 3, replace_field("slsj", "2026-13-01 25:00:00", "昨天下午"))
    batch.plant("no number", "REQUIRED_MISSING", 2, replace_field("ajbh", None))
    batch.plant("no number, and no such district", "REQUIRED_MISSING CODE_UNKNOWN", 1, _nameless)
    batch.contradict(4, replace_field("sqfl", "其他"))
    batch.repeat(6)


def _close_too_early(fields: RecordFields, rng: Random) -> None:
    accepted_at = datetime.fromisoformat(fields["slsj"] or "")
    fields["bjsj"] = f"{accepted_at - timedelta(hours=rng.randint(1, 30)):%Y-%m-%d %H:%M:%S}"
    fields["ajzt"] = "已办结"


def _nameless(fields: RecordFields, _: Random) -> None:
    fields["ajbh"], fields["ssqx"] = None, "无"
