"""Events of the grid staff: JSON lines, a file a day, nested members in pinyin, times with their offset."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.communities import GRIDS, Grid, division_change_day
from citylake.infra.city.domains.divisions.division_history import is_recoded
from citylake.infra.city.domains.grid.grid_cells import grid_code_on
from citylake.infra.city.generate.nested_json import nest_fields
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, poisson_number, replace_field

_CATEGORIES = {"市容环境": 24, "违停": 4, "安全隐患": 12, "邻里纠纷": 72, "便民服务": 48}
"""Kind of event → hours within which it is to be closed."""
_DRAINAGE, _DRAINAGE_H = "排水不畅", 6
_SOURCES = ("网格员上报", "巡查", "网格员上报", "居民上报", "随手拍", "物联")
_FIRST, _LAST = 7, 19
_PER_HOUR = 0.05
_SPAN_H = 240


def generate_events(city: City) -> PlantedBatch:
    """The events of the period in order of their reports, each under the grid code of its day."""
    batch = PlantedBatch("grid.events", ("sjbh", "wg.bm"), city.random("grid events"))
    reports = sorted(_reports(city, batch.rng), key=lambda each: (each[0], each[1].code))
    for number, (reported, grid, category) in enumerate(reports, 1):
        batch.add(f"events_{reported:%Y%m%d}.jsonl", _fields(city, batch.rng, number, reported, grid, category))
    _spoil(city, batch)
    return batch


def write_event_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one file a day."""
    for name, records in batch.by_source().items():
        lines = [json.dumps(nest_fields(fields), ensure_ascii=False) for fields in records]
        (folder / "files/grid" / name).write_text("\n".join([*lines, ""]), encoding="utf-8")


def staff_no(grid: Grid) -> str:
    """Two members of the staff look after the three grids of a community."""
    return f"WG{grid.code[4:6]}{grid.code[7:9]}{grid.code[10:12]}{1 if grid.code.endswith('001') else 2}"


def _reports(city: City, rng: Random) -> Iterator[tuple[datetime, Grid, str]]:
    for hour in range(city.hours):
        if not _FIRST <= city.at(hour).hour < _LAST:
            continue
        for grid in GRIDS:
            for _ in range(poisson_number(rng, _PER_HOUR * grid.district.bustle)):
                yield _moment(city, hour, rng), grid, rng.choice(tuple(_CATEGORIES))
            for _ in range(poisson_number(rng, 0.004 * city.recent_rain_mm(grid.district, hour))):
                yield _moment(city, hour, rng), grid, _DRAINAGE


def _moment(city: City, hour: int, rng: Random) -> datetime:
    return city.at(hour) + timedelta(seconds=rng.randrange(3600))


def _fields(city: City, rng: Random, number: int, reported: datetime, grid: Grid, category: str) -> RecordFields:
    limit_h = _CATEGORIES.get(category, _DRAINAGE_H)
    # Some communities are slow.
    slow = 1.9 if Random(grid.community.code).random() < 0.15 else 1.0
    dispatched = reported + timedelta(minutes=rng.randint(2, 50))
    handled = dispatched + timedelta(hours=min(_SPAN_H, slow * limit_h * rng.uniform(0.1, 0.95)))
    closed = handled + timedelta(minutes=rng.randint(10, 120))
    end = city.at(city.hours)
    return {
        "sjbh": f"WG{reported:%y%m%d}{number:05d}",
        "wg.bm": grid_code_on(city, grid, reported.date()),
        "wg.gly": staff_no(grid),
        "lb": category,
        "ly": rng.choice(_SOURCES),
        "sx": f"{limit_h}",
        "lc.sb": _written(reported),
        "lc.pq": _written(dispatched) if dispatched < end else None,
        "lc.cz": _written(handled) if handled < end else None,
        "lc.ja": _written(closed) if closed < end else None,
    }


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}+08:00"


def _spoil(city: City, batch: PlantedBatch) -> None:
    batch.plant("a grid that no list has", "CODE_UNKNOWN", 5, replace_field("wg.bm", "990107001001001"))
    batch.plant("a kind that no list has", "CODE_UNKNOWN", 4, replace_field("lb", "舆情", "待定"))
    batch.plant("no number", "REQUIRED_MISSING", 4, replace_field("sjbh", None))
    batch.plant("a time that is none", "TIME_UNREADABLE", 4, replace_field("lc.sb", "2026-02-30T08:00:00+08:00"))
    batch.plant("a limit of no hours", "VALUE_OUT_OF_RANGE", 3, replace_field("sx", "0"))
    batch.plant("dispatched before it was reported", "EVENT_DISPATCHED_EARLY", 4, _dispatch_early)
    batch.plant("closed and never handled", "EVENT_CLOSED_UNHANDLED", 4, _unhandled)
    _use_former_codes(city, batch)
    batch.contradict(4, replace_field("sx", "99"))
    batch.repeat(6)


def _use_former_codes(city: City, batch: PlantedBatch) -> None:
    """On the day of the change, some terminals still have the old map."""
    changed = division_change_day(city)
    former = {grid.code: grid_code_on(city, grid, city.start) for grid in GRIDS if is_recoded(grid.community)}
    late = [
        record
        for record in batch.records
        if not record.spoiled and record.source == f"events_{changed:%Y%m%d}.jsonl" and record.fields["wg.bm"] in former
    ]
    for record in late[:6]:
        record.fields["wg.bm"] = former[record.fields["wg.bm"] or ""]
        batch.note("a grid code that is gone", "CODE_NOT_VALID", record)


def _dispatch_early(fields: RecordFields, rng: Random) -> None:
    reported = datetime.fromisoformat(fields["lc.sb"] or "")
    fields["lc.pq"] = _written(reported.replace(tzinfo=None) - timedelta(hours=rng.randint(1, 9)))


def _unhandled(fields: RecordFields, _: Random) -> None:
    fields["lc.ja"], fields["lc.cz"] = fields["lc.ja"] or fields["lc.sb"], None
