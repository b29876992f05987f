"""The detectors' files as hours of readings, as a traffic centre would publish them: WGS-84, km/h, flags for faults."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from citylake.infra.city.generate.detectors import DETECTOR_HEADER
from citylake.infra.city.generate.gcj02 import wgs84_to_gcj02
from citylake.infra.city.serve.city_data import CityData

LOCAL_ZONE = timezone(timedelta(hours=8))
_TITLES = 3
_HEAVY = "大型车"


@dataclass(frozen=True, slots=True)
class DetectorReading:
    """One lane and vehicle class in one hour; None is a value that the detector could not measure."""

    device: str
    lane: str
    heavy: bool
    flow: str | None
    speed_kmh: str | None
    occupancy: str | None
    longitude: str
    latitude: str

    @property
    def first_index(self) -> int:
        """The index of the flow value; speed and occupancy follow it."""
        return 1 + 6 * (int(self.lane) - 1) + 3 * self.heavy


@dataclass(frozen=True, slots=True)
class DetectorHour:
    """Readings by device; ``published`` is the end of the hour."""

    published: datetime
    sites: dict[str, list[DetectorReading]]


def detector_hours(held: CityData) -> list[DetectorHour]:
    """Every hour in order, without rows that no detector sends: no device or time, unknown class or unit."""
    found: dict[datetime, dict[str, dict[int, DetectorReading]]] = defaultdict(lambda: defaultdict(dict))
    for row in _rows(held):
        ended = _ended(row["采集时间"])
        if ended and row["设备编号"] and row["车型"] != "飞行汽车" and row["速度单位"] in _KMH:
            reading = _reading(row)
            found[ended][reading.device].setdefault(reading.first_index, reading)
    return [
        DetectorHour(ended, {device: list(sites[device].values()) for device in sorted(sites)})
        for ended, sites in sorted(found.items())
    ]


_KMH = {"km/h": 1.0, "公里/小时": 1.0, "米/秒": 3.6}


def _rows(held: CityData) -> Iterator[dict[str, Any]]:
    for path in sorted((held.folder / "files/detector").glob("flow_????????.csv")):
        with path.open(encoding="gb18030", newline="") as file:
            for number, row in enumerate(csv.reader(file)):
                if number >= _TITLES and row[0] != "合计":
                    yield dict(zip(DETECTOR_HEADER, row, strict=True))


def _ended(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y/%m/%d %H:%M").replace(tzinfo=LOCAL_ZONE)
    except ValueError:
        return None


def _reading(row: dict[str, str]) -> DetectorReading:
    longitude, latitude = _wgs84(float(row["经度"]), float(row["纬度"]))
    speed = _number(row["平均速度"])
    return DetectorReading(
        row["设备编号"],
        row["车道号"],
        row["车型"] == _HEAVY,
        _number(row["流量"]),
        # -1 stands for "no speed", as it often does.
        f"{float(speed) * _KMH[row['速度单位']]:.1f}" if speed and speed != "-1" else speed,
        _number(row["占有率"]),
        f"{longitude:.6f}",
        f"{latitude:.6f}",
    )


def _number(text: str) -> str | None:
    try:
        float(text)
    except ValueError:
        return None
    return text.translate({0xFF10 + digit: str(digit) for digit in range(10)} | {0xFF0E: "."})


def _wgs84(longitude_deg: float, latitude_deg: float) -> tuple[float, float]:
    """WGS-84 from GCJ-02, accurate to some metres: the shift is nearly constant over a few hundred metres."""
    longitude, latitude = wgs84_to_gcj02(longitude_deg, latitude_deg)
    return 2 * longitude_deg - longitude, 2 * latitude_deg - latitude
