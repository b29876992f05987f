"""Where two datasets overlap: the days and the box of each, and the rows that lie in both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from citylake.pipelines.marts.make.mart_engine import sql_identifier
from citylake.pipelines.silo.dataset_time import place_columns
from citylake.pipelines.silo.find_paths import JoinSide
from citylake.pipelines.silo.path_sql import table_name

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Box = tuple[float, float, float, float]
"""West, south, east, north, in degrees."""


@dataclass(frozen=True, slots=True)
class Extent:
    """The first and last local day of a dataset's rows, and the box of their places."""

    first: date | None = None
    last: date | None = None
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Overlap:
    """What two datasets have in common. ``rows``: the rows of each on the common days; None without two times."""

    left: Extent
    right: Extent
    days: tuple[date, date] | None
    box: Box | None
    rows: tuple[int, int] | None

    def document(self) -> dict[str, Any]:
        """Return the overlap ready for JSON."""
        return {
            "left": _extent_document(self.left),
            "right": _extent_document(self.right),
            "days": [each.isoformat() for each in self.days] if self.days else None,
            "box": list(self.box) if self.box else None,
            "rows": list(self.rows) if self.rows else None,
        }


def measure_overlap(connection: DuckDBPyConnection, left: JoinSide, right: JoinSide) -> Overlap:
    """Measure the days and boxes of two datasets."""
    one, other = (measure_extent(connection, side) for side in (left, right))
    days = _common_days(one, other)
    rows = None
    if days and left.time and right.time:
        rows = (_rows_between(connection, left, days), _rows_between(connection, right, days))
    return Overlap(one, other, days, _common_box(one.box, other.box), rows)


def measure_extent(connection: DuckDBPyConnection, side: JoinSide) -> Extent:
    """Measure the days and the box of a dataset. A register's entries have validity instead of days."""
    place = place_columns(side.contract, side.registry)
    wanted = [_day(side, of) for of in ("min", "max")]
    for of in ("min", "max"):
        wanted += [f"{of}({sql_identifier(column)})" for column in place] if place else ["NULL", "NULL"]
    row = connection.execute(f"SELECT {', '.join(wanted)} FROM {table_name(side.name)}").fetchone()
    first, last, *box = row or (None,) * 6
    return Extent(first, last, None if None in box else (box[0], box[1], box[2], box[3]))


def _day(side: JoinSide, of: str) -> str:
    return f"CAST({of}({sql_identifier(side.time.column)}) AS DATE)" if side.time else "NULL"


def _common_days(one: Extent, other: Extent) -> tuple[date, date] | None:
    if not (one.first and one.last and other.first and other.last):
        return None
    first, last = max(one.first, other.first), min(one.last, other.last)
    return (first, last) if first <= last else None


def _common_box(one: Box | None, other: Box | None) -> Box | None:
    if one is None or other is None:
        return None
    west, south, east, north = (*map(max, one[:2], other[:2]), *map(min, one[2:], other[2:]))
    return (west, south, east, north) if west <= east and south <= north else None


def _rows_between(connection: DuckDBPyConnection, side: JoinSide, days: tuple[date, date]) -> int:
    if side.time is None:
        return 0
    day = f"CAST({sql_identifier(side.time.column)} AS DATE)"
    sql = f"SELECT count(*) FROM {table_name(side.name)} WHERE {day} BETWEEN DATE '{days[0]}' AND DATE '{days[1]}'"
    row = connection.execute(sql).fetchone()
    return int(row[0]) if row else 0


def _extent_document(extent: Extent) -> dict[str, Any]:
    days = [extent.first.isoformat(), extent.last.isoformat()] if extent.first and extent.last else None
    return {"days": days, "box": list(extent.box) if extent.box else None}
