"""The register of venues: a workbook at the beginning of each month, capacities and opening hours as they then are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from xlsxwriter import Workbook

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS, District
from citylake.infra.city.generate.enterprises import snapshot_days, write_sheet
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, unchanged_rows

VENUES_HEADER = ("编号", "名称", "类型", "所在区", "瞬时承载量", "日承载量", "开放时间", "关闭时间")
_KEY = ("编号", "名称")
_WIDENED, _WIDENED_CAPACITY = "LHW03", 1600
_LONGER, _LONGER_CLOSING = "LHW05", 19


@dataclass(frozen=True, slots=True)
class Venue:
    """One venue. It opens and closes at whole hours; rain keeps visitors away from an ``outdoor`` one."""

    code: str
    name: str
    kind: str
    district: District
    capacity: int
    opens: int
    closes: int
    outdoor: bool


_VENUES = (
    ("钟楼古街", "文化街区", 0, 3200, 9, 21, True),
    ("江滨公园", "公园", 0, 2600, 6, 20, True),
    ("澜海博物馆", "博物馆", 1, 1200, 9, 17, False),
    ("东湖风景区", "景区", 1, 6000, 7, 19, True),
    ("北岭森林公园", "景区", 2, 4500, 7, 18, True),
    ("石桥古镇", "文化街区", 2, 2400, 9, 20, True),
    ("观潮台", "景区", 3, 1500, 8, 18, True),
    ("南浦海洋馆", "水族与乐园", 3, 1800, 9, 18, False),
    ("西苑植物园", "公园", 4, 2800, 7, 18, True),
    ("高新科技馆", "博物馆", 5, 1400, 9, 17, False),
)


def venues_on(city: City, day: date) -> list[Venue]:
    """The venues as they are on ``day``: from the last register, one holds more, and one closes later."""
    found, registers = [], snapshot_days(city)
    for number, (name, kind, place, capacity, opens, closes, outdoor) in enumerate(_VENUES, 1):
        venue = Venue(f"LHW{number:02d}", name, kind, DISTRICTS[place], capacity, opens, closes, outdoor)
        if len(registers) > 1 and day >= registers[-1]:
            venue = replace(venue, capacity=_WIDENED_CAPACITY) if venue.code == _WIDENED else venue
            venue = replace(venue, closes=_LONGER_CLOSING) if venue.code == _LONGER else venue
        found.append(venue)
    return found


def generate_venues(city: City) -> PlantedBatch:
    """The register of each month; the first has lines that are no venues."""
    batch = PlantedBatch("tourism.venues", _KEY, city.random("venues"))
    for number, day in enumerate(snapshot_days(city)):
        for venue in venues_on(city, day):
            batch.add(_file(day), _fields(venue))
        if not number:
            _add_faulty(batch, city, _file(day))
    batch.unchanged = unchanged_rows(batch)
    return batch


def write_venue_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one workbook a register."""
    for name, records in batch.by_source().items():
        rows = [[fields[column] for column in VENUES_HEADER] for fields in records]
        with Workbook(folder / "files/tourism" / name) as book:
            book.set_properties({"created": datetime(2026, 1, 1, tzinfo=UTC)})
            write_sheet(book.add_worksheet("场所"), ["澜海市文旅场所承载量核定表"], VENUES_HEADER, *rows)


def _file(day: date) -> str:
    return f"venues_{day:%Y%m%d}.xlsx"


def _fields(venue: Venue) -> RecordFields:
    return {
        "编号": venue.code,
        "名称": venue.name,
        "类型": venue.kind,
        "所在区": venue.district.name,
        "瞬时承载量": f"{venue.capacity}人",
        "日承载量": f"{venue.capacity * 3}人",
        "开放时间": f"{venue.opens:02d}:00",
        "关闭时间": f"{venue.closes:02d}:00",
    }


def _add_faulty(batch: PlantedBatch, city: City, file: str) -> None:
    sound = _fields(venues_on(city, city.start)[0])
    wrong: tuple[tuple[str, str, RecordFields], ...] = (
        ("no capacity", "REQUIRED_MISSING", {"编号": "LHW91", "瞬时承载量": None}),
        ("it closes before it opens", "VENUE_CLOSES_EARLY", {"编号": "LHW92", "关闭时间": "06:00"}),
        ("a district that is not the city's", "CODE_UNKNOWN", {"编号": "LHW93", "所在区": "邻县"}),
        ("more at once than in a day", "CAPACITY_ABOVE_DAY", {"编号": "LHW94", "日承载量": "900人"}),
    )
    for kind, issue, change in wrong:
        batch.note(kind, issue, batch.add(file, {**sound, **change}))
