"""What the departments' good records say of a district's hours: rain, cases of flooding, speed and depth."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import fmean

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS
from citylake.infra.city.generate.plant_faults import PlantedBatch

Batches = Mapping[str, PlantedBatch]
Place = tuple[str, int]
"""A district's code and an hour from the city's start."""
_CODES = {name: place.code for place in DISTRICTS for name in (place.name, place.short)}
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．", "0123456789.")
_KMH_PER_MS = 3.6
_UTC_PLUS_8_H = 8


@dataclass(frozen=True, slots=True)
class Flow:
    """Vehicles whose speed is known, and the sum of their speeds, km/h."""

    vehicles: float = 0.0
    speeds: float = 0.0

    def __add__(self, other: Flow) -> Flow:
        return Flow(self.vehicles + other.vehicles, self.speeds + other.speeds)


def rain_mm(city: City, batches: Batches) -> dict[Place, float]:
    """The mean of a district's gauges."""
    found: dict[Place, list[float]] = defaultdict(list)
    for fields in _good(batches["environment.rain_gauges"]):
        if fields["小时雨量(0.1mm)"] not in ("999999", "32766"):
            ended = datetime.fromisoformat(fields["日期"]) + timedelta(hours=int(fields["时次"]))
            found[_CODES[fields["区"]], _hour(city, ended) - 1].append(float(fields["小时雨量(0.1mm)"]) / 10)
    return {place: fmean(amounts) for place, amounts in found.items()}


def flood_cases(city: City, batches: Batches) -> Counter[Place]:
    """Cases about flooding and drainage."""
    return Counter(
        (_CODES[fields["ssqx"]], _hour(city, datetime.fromisoformat(fields["slsj"])))
        for fields in _good(batches["government.hotline_cases"])
        if fields["sqfl"] == "积水排水"
    )


def flows(city: City, batches: Batches) -> dict[Place, Flow]:
    """Vehicles and their speeds."""
    found: dict[Place, Flow] = defaultdict(Flow)
    for fields in _good(batches["traffic.detector_flow"]):
        if fields["平均速度"] != "-1":
            ended = datetime.fromisoformat(fields["采集时间"].replace("/", "-"))
            vehicles = float(fields["流量"].translate(_FULL_WIDTH))
            speed = float(fields["平均速度"]) * (_KMH_PER_MS if fields["速度单位"] == "米/秒" else 1)
            found[fields["行政区划代码"], _hour(city, ended) - 1] += Flow(vehicles, vehicles * speed)
    return found


def depths_mm(city: City, batches: Batches) -> dict[Place, float]:
    """The greatest depth that a gauge reported."""
    found: dict[Place, float] = defaultdict(float)
    for fields in _good(batches["environment.waterlogging_points"]):
        hours_since_1970 = int(fields["t"]) // 3600 + _UTC_PLUS_8_H
        place = _CODES[fields["area"]], hours_since_1970 - 24 * (city.start - date(1970, 1, 1)).days
        found[place] = max(found[place], float(fields["lvl"]) * 10)
    return found


def _good(batch: PlantedBatch) -> list[dict[str, str]]:
    """The good records; of several of a file that was corrected, the batch has the last as the good one."""
    return [{name: value or "" for name, value in each.fields.items()} for each in batch.records if each.good]


def _hour(city: City, when: datetime) -> int:
    return int((when - city.at(0)).total_seconds() // 3600)
