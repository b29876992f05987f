"""Traffic detectors: one GB18030 CSV a day with two title rows and a total as its last row; hours by their END.

Half of the devices report km/h and half m/s (each row has its unit); coordinates are GCJ-02, from a vendor's map.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS, District
from citylake.infra.city.generate.gcj02 import wgs84_to_gcj02
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field, widen_digits

DETECTOR_HEADER = (
    "采集时间",
    "设备编号",
    "车道号",
    "车型",
    "流量",
    "平均速度",
    "速度单位",
    "占有率",
    "经度",
    "纬度",
    "行政区划代码",
)
_KEY = ("采集时间", "设备编号", "车道号", "车型")
_PER_DISTRICT = 5
_CORRECTED = 12


@dataclass(frozen=True, slots=True)
class _Device:
    code: str
    district: District
    longitude: str
    latitude: str
    free_speed_kmh: float
    metric: bool
    """Reports m/s."""


def generate_detectors(city: City) -> PlantedBatch:
    """Flow and speed by device, lane, vehicle class and hour; and a corrected file for the second day."""
    batch = PlantedBatch("traffic.detector_flow", _KEY, city.random("detectors"))
    devices = list(_devices(batch.rng))
    for hour in range(city.hours):
        for device in devices:
            for lane in ("1", "2"):
                for heavy in (False, True):
                    batch.add(_file(city.at(hour).date()), _fields(city, batch.rng, device, lane, hour, heavy=heavy))
    _spoil(batch)
    _correct(batch, city)
    return batch


def write_detector_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one file a day; the total in the last row is of the values that the department could read."""
    for name, records in batch.by_source().items():
        text = io.StringIO(newline="")
        sheet = csv.writer(text, lineterminator="\r\n")
        sheet.writerow(["澜海市交通检测器小时流量日报表", *[""] * (len(DETECTOR_HEADER) - 1)])
        sheet.writerow([f"统计日期：{name[5:9]}年{name[9:11]}月{name[11:13]}日", "", "制表：市交通运输局", *[""] * 8])
        sheet.writerow(DETECTOR_HEADER)
        sheet.writerows([fields[column] for column in DETECTOR_HEADER] for fields in records)
        total = sum(int(fields["流量"] or 0) for fields in records if (fields["流量"] or "").isdecimal())
        sheet.writerow(["合计", "", "", "", total, *[""] * 6])
        (folder / "files/detector" / name).write_bytes(text.getvalue().encode("gb18030"))


def _file(day: date) -> str:
    return f"flow_{day:%Y%m%d}.csv"


def _devices(rng: Random) -> Iterator[_Device]:
    for district in DISTRICTS:
        for number in range(1, _PER_DISTRICT + 1):
            longitude, latitude = wgs84_to_gcj02(
                district.longitude_deg + rng.uniform(-0.05, 0.05), district.latitude_deg + rng.uniform(-0.04, 0.04)
            )
            code = f"JC{district.code}{number:03d}"
            yield _Device(
                code, district, f"{longitude:.6f}", f"{latitude:.6f}", rng.choice((50.0, 60.0, 70.0)), number % 2 == 0
            )


def _fields(city: City, rng: Random, device: _Device, lane: str, hour: int, *, heavy: bool) -> RecordFields:
    load = city.traffic(device.district, hour)
    flow = max(1, round(load * (90 if heavy else 820) * rng.uniform(0.85, 1.15)))
    share = city.speed_share(device.district, hour) * (0.9 if heavy else 1.0)
    speed_kmh = max(3.0, device.free_speed_kmh * share * rng.uniform(0.94, 1.06))
    return {
        "采集时间": f"{city.at(hour + 1):%Y/%m/%d %H:%M}",
        "设备编号": device.code,
        "车道号": lane,
        "车型": "大型车" if heavy else rng.choice(("小型车", "小型车", "小客车")),
        "流量": str(flow),
        "平均速度": f"{speed_kmh / 3.6:.2f}" if device.metric else f"{speed_kmh:.1f}",
        "速度单位": "米/秒" if device.metric else rng.choice(("km/h", "公里/小时")),
        "占有率": f"{min(95, 2 + 60 * load * rng.uniform(0.9, 1.1)):.1f}",
        "经度": device.longitude,
        "纬度": device.latitude,
        "行政区划代码": device.district.code,
    }


def _spoil(batch: PlantedBatch) -> None:
    batch.smudge(400, widen_digits("流量"))
    batch.warn("FLOW_WITHOUT_SPEED", 120, replace_field("平均速度", "-1"))
    batch.plant("a flow in words", "VALUE_UNREADABLE", 8, replace_field("流量", "故障", "检修中"))
    batch.plant("a speed beyond every road", "VALUE_OUT_OF_RANGE", 9, _race)
    batch.plant("a unit that nobody knows", "UNIT_UNKNOWN_IN_ROW", 5, replace_field("速度单位", "档", "?"))
    batch.plant("a vehicle class that no list has", "CODE_UNKNOWN", 6, replace_field("车型", "飞行汽车"))
    batch.plant("no device", "REQUIRED_MISSING", 5, replace_field("设备编号", None))
    batch.plant("a time that is none", "TIME_UNREADABLE", 4, replace_field("采集时间", "2026/02/30 08:00", "#REF!"))
    batch.plant("longitude and latitude exchanged", "VALUE_OUT_OF_RANGE", 6, _exchange)
    batch.plant("a speed and a flow in words", "VALUE_UNREADABLE", 2, _all_words)
    batch.contradict(7, replace_field("流量", "4321"))
    batch.repeat(15)


def _race(fields: RecordFields, _: Random) -> None:
    fields["平均速度"], fields["速度单位"] = "388.0", "km/h"


def _exchange(fields: RecordFields, _: Random) -> None:
    fields["经度"], fields["纬度"] = fields["纬度"], fields["经度"]


def _all_words(fields: RecordFields, _: Random) -> None:
    fields["流量"] = fields["平均速度"] = "故障"


def _correct(batch: PlantedBatch, city: City) -> None:
    """The department sends some hours of the second day again, corrected: the newer file wins."""
    day = city.start + timedelta(days=min(1, city.days - 1))
    clean = [record for record in batch.records if record.source == _file(day) and not record.spoiled]
    for record in batch.rng.sample(clean, _CORRECTED):
        fields = dict(record.fields)
        fields["流量"] = str(batch.rng.randint(900, 990))
        batch.add(f"flow_{day:%Y%m%d}_订正.csv", fields)
    batch.superseded += _CORRECTED
