"""A workspace that runs in a second: readings of two stations from a CSV, one of them refused, and a mart of days."""

from __future__ import annotations

from pathlib import Path

FILES = {
    "workspace.yaml": "packs: []\n",
    "elements/air.yaml": """
- id: place.station_code
  symbol: station_code
  name: {zh: 站点编码, en: station code}
  definition: {zh: 监测站点的编码。, en: The code of a monitoring station.}
  object_class: 站点
  property: 编码
  representation: number
  type: string
- id: time.hour_start
  symbol: hour_start
  name: {zh: 小时起点, en: start of the hour}
  definition: {zh: 一小时的起始时刻。, en: The moment at which an hour begins.}
  object_class: 时间
  property: 起始时刻
  representation: datetime
  type: datetime
- id: time.day
  symbol: day
  name: {zh: 日期, en: day}
  definition: {zh: 当地日期。, en: The local date.}
  object_class: 时间
  property: 日期
  representation: date
  type: date
- id: air.pm25
  symbol: pm25_ugm3
  name: {zh: 细颗粒物浓度, en: PM2.5 concentration}
  definition: {zh: 空气中细颗粒物的质量浓度。, en: Mass concentration of fine particles in the air.}
  object_class: 空气
  property: 细颗粒物浓度
  representation: quantity
  type: decimal
  format: "n..7,1"
  unit: ug/m3
  range: [0, 1000]
""",
    "datasets/air/readings.yaml": """
dataset: air.readings
title: {zh: 空气质量读数, en: air-quality readings}
owner: {department: 生态环境局}
source: {connector: files, path: "${WORKSPACE}/inbox/*.csv", format: csv}
fields:
  station: {element: place.station_code, required: true}
  hour: {element: time.hour_start, format: "%Y-%m-%d %H:%M", zone: Asia/Shanghai}
  pm25: {element: air.pm25, unit: ug/m3}
write: {mode: upsert, key: [station_code, hour_start], partition: day(hour_start)}
""",
    "inbox/air.csv": """station,hour,pm25
S1,2026-03-01 08:00,12.5
S1,2026-03-01 09:00,20.5
S2,2026-03-01 08:00,31.0
S2,2026-03-01 09:00,a lot
S1,2026-03-02 08:00,40.0
""",
    "marts/air/mart.yaml": """
mart: air
title: {zh: 空气, en: air}
audience: {zh: 分析人员, en: analysts}
tables:
  station_day:
    title: {zh: 站点日均值, en: daily means of the stations}
    grain: [station_code, day]
    day: day
    columns:
      station_code: {element: place.station_code}
      day: {element: time.day}
      pm25_ugm3: {element: air.pm25, text: {zh: 日均值, en: mean of the day}}
      readings: {text: {zh: 读数个数, en: number of readings}}
""",
    "marts/air/station_day.sql": """
SELECT station_code, _day AS day, avg(pm25_ugm3) AS pm25_ugm3, count(*) AS readings
FROM air.readings GROUP BY ALL
""",
}


def write_small_workspace(folder: Path) -> Path:
    """Write the workspace below ``folder``, which it returns."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip("\n"), encoding="utf-8")
    return folder
