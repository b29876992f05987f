"""The file of one day: few rows, and what can be wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Literal

DayKind = Literal["plain", "late", "corrected", "drifted", "held", "repeated", "missing"]
WEEK: tuple[DayKind, ...] = ("plain", "late", "corrected", "drifted", "held", "repeated", "missing")
"""A week in order. ``missing``: the file is not there at first, and comes later that day."""
ROWS, LATE_DAYS = 8, 3
_HEAD = (
    "采集时间,设备编号,行政区划代码,道路名称,车道号,车流量,平均速度,速度单位,占有率,车型,"
    "经度,纬度,运营单位统一社会信用代码,备注"
)
_FIXED = "119.43214,30.09703,9133010678MG2RAMLU,"


def day_file(day: date, kind: DayKind = "plain", seed: int = 0) -> str:
    """The text of the file of ``day``. ``seed``: other values, the same keys."""
    lines = [_HEAD, *_rows(day, kind, seed)]
    if kind == "drifted":
        lines = [lines[0] + ",设备厂家", *(f"{line},甲" for line in lines[1:])]
    return "\n".join(lines) + "\n"


def _rows(day: date, kind: DayKind, seed: int) -> Iterator[str]:
    for number in range(ROWS):
        # At another minute than the readings of that day, whose keys they must not have.
        late = timedelta(days=LATE_DAYS, minutes=30) if kind == "late" and number % 2 else timedelta()
        yield _row(_at(day, 1 + 2 * number) - late, number, seed, refused=number == 0)
        if kind == "held":
            yield _row(_at(day, 2 + 2 * number), number, seed, refused=True)
    if kind == "corrected":
        # Yesterday's readings again, with other values.
        before = day - timedelta(days=1)
        for number in range(1, ROWS):
            yield _row(_at(before, 1 + 2 * number), number, seed + 7, refused=False)
    if kind == "repeated":
        yield from [_row(_at(day, 3), 1, seed, refused=False)] * 2


def _at(day: date, hour: int) -> datetime:
    """A time of the city's clock: in a file it has no zone."""
    return datetime.combine(day, time(hour % 24))


def _row(at: datetime, number: int, seed: int, *, refused: bool) -> str:
    flow = "十二" if refused else str(10 + (number * 7 + seed) % 50)
    speed, lane = 30 + (number * 3 + seed) % 40, number % 4 + 1
    device = f"JT33010200{number:02d}"
    return f"{at},{device},330102,山代临街西段,{lane},{flow},{speed},km/h,3.57,小型客车,{_FIXED}"
