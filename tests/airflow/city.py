"""A small city: datasets of three departments, one file a day for each, and a mart that reads two of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from tests.declared import declare_packs

FIRST, DAYS = date(2026, 3, 1), int(os.environ.get("CITYLAKE_TEST_DAYS") or 3)
"""Six tasks per dataset and day, each a process: `make test-airflow` runs fourteen days, `make test` fewer."""
HOURS = range(0, 24, 6)
OBJECTS = ("A1", "B2")
MART = "roads"
INPUTS = ("traffic.counts", "weather.rain")
LIVE = "traffic.live"
"""A dataset that runs every minute; nothing else reads it."""


@dataclass(frozen=True)
class Kind:
    """What a dataset observes, where, and its department."""

    place: str
    place_column: str
    value: str
    column: str
    department: str


KINDS = {
    "traffic.counts": Kind("traffic.device_code", "device_code", "traffic.flow", "flow_veh", "市交通运输局"),
    "traffic.speeds": Kind(
        "traffic.device_code", "device_code", "traffic.mean_speed", "mean_speed_kmh", "市交通运输局"
    ),
    "weather.rain": Kind(
        "weather.gauge_code", "gauge_code", "weather.precipitation_1h", "precipitation_1h_mm", "市气象局"
    ),
    "air.particles": Kind("air.station_code", "station_code", "air.pm25", "pm25_ugm3", "市生态环境局"),
    "air.noise": Kind("noise.station_code", "noise_station_code", "noise.leq", "noise_leq_dba", "市生态环境局"),
    "energy.power": Kind("energy.meter_no", "meter_no", "energy.power", "power_kw", "市气象局"),
    LIVE: Kind("traffic.device_code", "device_code", "traffic.flow", "flow_veh", "市交通运输局"),
}
BACKFILLED = tuple(name for name in KINDS if name != LIVE) if DAYS >= 14 else ("traffic.counts", "weather.rain")
"""The datasets whose days are backfilled at once, in either direction: all of them in `make test-airflow`."""
_MART = f"""
mart: {MART}
title: {{zh: 道路与降雨, en: roads and rain}}
audience: {{zh: 分析人员, en: analysts}}
tables:
  city_day:
    title: {{zh: 全市逐日, en: the city day by day}}
    grain: [day]
    day: day
    columns:
      day: {{element: time.day}}
      flow_veh: {{element: traffic.flow}}
      precipitation_1h_mm: {{element: weather.precipitation_1h}}
"""
_SELECT = """
WITH flow AS (SELECT _day AS day, sum(flow_veh) AS flow_veh FROM traffic.counts GROUP BY _day),
rain AS (SELECT _day AS day, max(precipitation_1h_mm) AS precipitation_1h_mm FROM weather.rain GROUP BY _day)
SELECT flow.day, flow.flow_veh, rain.precipitation_1h_mm FROM flow LEFT JOIN rain ON rain.day = flow.day
"""


def days() -> Iterator[date]:
    """Every day of the city."""
    return (FIRST + timedelta(days=number) for number in range(DAYS))


def contract(dataset: str) -> dict[str, Any]:
    """The declaration of a dataset."""
    kind = KINDS[dataset]
    time = {"element": "time.hour_start", "format": "%Y-%m-%d %H:%M", "zone": "Asia/Shanghai", "label": "start"}
    return {
        "dataset": dataset,
        "title": {"zh": dataset, "en": dataset},
        "owner": {"department": kind.department},
        "source": {
            "connector": "files",
            "path": f"${{SOURCES}}/{dataset}_*.csv",
            "format": "csv",
            "name_fields": r"_(?P<day>\d{8})",
        },
        "schedule": {"cron": "* * * * *" if dataset == LIVE else "30 1 * * *", "timezone": "Asia/Shanghai"},
        "fields": {
            "time": {**time, "required": True},
            "place": {"element": kind.place, "required": True},
            "value": {"element": kind.value, "required": True},
        },
        "ignore": ["day"],
        "write": {"mode": "upsert", "key": ["hour_start", kind.place_column], "partition": "day(hour_start)"},
    }


def value(dataset: str, day: date, hour: int, place: str, correction: int = 0) -> int:
    """The observed value; a formula, so that a lost or repeated row is detected."""
    return 1 + (day.toordinal() * 7 + hour * 3 + len(dataset) + ord(place[0]) + correction) % 90


def observed(dataset: str, day: date, correction: int = 0) -> list[tuple[str, str, int]]:
    """The rows of a day: time, place, value."""
    return [
        (f"{day:%Y-%m-%d} {hour:02}:00", place, value(dataset, day, hour, place, correction))
        for hour in HOURS
        for place in OBJECTS
    ]


def write_day(sources: Path, dataset: str, day: date, correction: int = 0) -> None:
    """Write the file of a day, or a corrected one; the replacement is atomic."""
    lines = ["time,place,value", *(f"{at},{place},{seen}" for at, place, seen in observed(dataset, day, correction))]
    path = sources / f"{dataset}_{day:%Y%m%d}.csv"
    half = path.with_suffix(".part")
    half.write_text("\n".join(lines) + "\n", encoding="utf-8")
    half.replace(path)


def declare(root: Path) -> Path:
    """Write the workspace."""
    workspace = declare_packs(root / "workspace")
    for dataset in KINDS:
        path = workspace / "datasets" / f"{dataset.replace('.', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(contract(dataset), allow_unicode=True), encoding="utf-8")
    mart = workspace / "marts" / MART
    mart.mkdir(parents=True)
    (mart / "mart.yaml").write_text(_MART, encoding="utf-8")
    (mart / "city_day.sql").write_text(_SELECT, encoding="utf-8")
    return workspace
