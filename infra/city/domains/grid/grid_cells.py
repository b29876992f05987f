"""The register of grids: KML with an outline for each, its community, and the days on which its code is valid."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

from citylake.infra.city.city_model import City
from citylake.infra.city.communities import GRIDS, Grid, division_change_day
from citylake.infra.city.domains.divisions.division_history import FOUNDED, community_code_on, is_recoded
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

CELLS_FILE = "网格划分.kml"
_DATA = ("WGBM", "SQBM", "QYRQ", "TYRQ")
_SIDE_DEG = 0.004
_FAULTS = (
    ("a community that no list has", "CODE_UNKNOWN", {"SQBM": "990107001001"}, 3),
    ("a community that is gone", "CODE_NOT_VALID", {"SQBM": "990103101001"}, 2),
    ("no code", "REQUIRED_MISSING", {"WGBM": None}, 3),
    ("a grid of another community", "GRID_OUTSIDE_COMMUNITY", {"SQBM": "990101001001"}, 3),
    ("a day that is none", "TIME_UNREADABLE", {"QYRQ": "2026年2月30日"}, 2),
)
"""What is wrong, the issue, the fields, and in how many entries."""


def grid_code_on(city: City, grid: Grid, day: date) -> str:
    """The code that a grid has on ``day``."""
    return community_code_on(city, grid.community, day) + grid.code[-3:]


def generate_cells(city: City) -> PlantedBatch:
    """Every grid that is or was, and drafts of grids, which have the faults."""
    batch = PlantedBatch("grid.cells", ("name", "WGBM"), city.random("grids"))
    for fields in _cells(city):
        batch.add(CELLS_FILE, fields)
    batch.contradict(2, replace_field("name", "待更名网格"))
    batch.repeat(3)
    faults = [(kind, issue, changed) for kind, issue, changed, count in _FAULTS for _ in range(count)]
    for number, (kind, issue, changed) in enumerate(faults, 1):
        draft = _fields(GRIDS[-1], f"{GRIDS[-1].community.code}9{number:02d}", division_change_day(city), None)
        record = batch.add(CELLS_FILE, {**draft, "name": f"草案{number}", **changed})
        batch.note(kind, issue, record)
    return batch


def write_cells_file(batch: PlantedBatch, folder: Path) -> None:
    """Write a placemark for each grid; data without a value are left out."""
    marks = "\n".join(_placemark(fields) for fields in batch.of(CELLS_FILE))
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
    (folder / "files/grid" / CELLS_FILE).write_text(f"{head}\n{marks}\n</Document></kml>\n", encoding="utf-8")


def _cells(city: City) -> Iterator[RecordFields]:
    changed = division_change_day(city)
    for grid in GRIDS:
        if is_recoded(grid.community):
            yield _fields(grid, grid_code_on(city, grid, city.start), FOUNDED, changed)
            yield _fields(grid, grid.code, changed, None)
        else:
            yield _fields(grid, grid.code, FOUNDED, None)


def _fields(grid: Grid, code: str, since: date, until: date | None) -> RecordFields:
    step = int(grid.code[-3:]) - 2
    return {
        "name": grid.name,
        "WGBM": code,
        "SQBM": code[:12],
        "QYRQ": _written(since),
        "TYRQ": _written(until) if until else None,
        "lng": f"{grid.community.longitude_deg + step * _SIDE_DEG:.6f}",
        "lat": f"{grid.community.latitude_deg:.6f}",
    }


def _written(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _placemark(fields: RecordFields) -> str:
    west, south = float(fields["lng"] or 0), float(fields["lat"] or 0)
    corners = ((0, 0), (_SIDE_DEG, 0), (_SIDE_DEG, _SIDE_DEG), (0, _SIDE_DEG), (0, 0))
    ring = " ".join(f"{west + x:.6f},{south + y:.6f}" for x, y in corners)
    data = "".join(
        f'<Data name="{name}"><value>{escape(value)}</value></Data>' for name in _DATA if (value := fields[name])
    )
    return (
        f"<Placemark><name>{escape(fields['name'] or '')}</name><ExtendedData>{data}</ExtendedData><Polygon>"
        f"<outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
    )
