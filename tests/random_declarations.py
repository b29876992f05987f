"""The declarations of a random history: two datasets of readings, a register of stations, and two marts of days."""

from __future__ import annotations

from dataclasses import dataclass

from tests.small_workspace import FILES
from tests.trial import Trial

READINGS, MANUAL, STATIONS = "air.readings", "air.manual", "air.stations"
WRITES = {
    "append": "{mode: append, partition: day(hour_start)}",
    "upsert": "{mode: upsert, key: [station_code, hour_start], partition: day(hour_start)}",
    "replace": "{mode: replace, partition: day(hour_start), replace_min: 0}",
}
_ELEMENTS = FILES["elements/air.yaml"].replace("  type: string\n", "  type: string\n  codes: air.stations\n", 1)
_MORE_ELEMENTS = """
- id: place.listed_station
  symbol: station_code
  name: {zh: 登记站点编码, en: code of a listed station}
  definition: {zh: 登记册中站点的编码。, en: The code of a station in the register.}
  object_class: 站点
  property: 编码
  representation: number
  type: string
- id: place.station_name
  symbol: station_name
  name: {zh: 站点名称, en: station name}
  definition: {zh: 站点的名称。, en: The name of a station.}
  object_class: 站点
  property: 名称
  representation: name
  type: string
- id: time.register_day
  symbol: register_day
  name: {zh: 登记日期, en: day of the register}
  definition: {zh: 登记册的日期。, en: The day of the register.}
  object_class: 时间
  property: 登记日期
  representation: date
  type: date
"""
_CODES = """
- id: air.stations
  name: {zh: 站点, en: stations}
  table: {dataset: air.stations, code: station_code, name: station_name, valid_from: valid_from, valid_to: valid_to}
"""
_STATIONS = """
dataset: air.stations
title: {zh: 站点登记册, en: register of stations}
owner: {department: 生态环境局}
source: {connector: files, path: "${WORKSPACE}/inbox/stations/*.csv", format: csv}
fields:
  code: {element: place.listed_station, required: true}
  name: {element: place.station_name}
  day: {element: time.register_day, format: "%Y-%m-%d", required: true}
write: {mode: snapshot, key: [station_code], effective: register_day}
"""
_MART = """
mart: {mart}
title: {{zh: 空气, en: air}}
audience: {{zh: 分析人员, en: analysts}}
tables:
  {table}:
    title: {{zh: 逐日, en: by day}}
    grain: [{grain}]
    day: day
    columns:
{columns}
"""
_COLUMNS = """
      station_code: {element: place.listed_station}
      day: {element: time.day}
      station_name: {element: place.station_name}
      mean: {text: {zh: 日均值, en: mean of the day}}
      readings: {text: {zh: 读数个数, en: number of readings}}
"""
_CITY_COLUMNS = """
      day: {element: time.day}
      readings: {text: {zh: 读数个数, en: number of readings}}
      manual: {text: {zh: 人工读数, en: manual readings}}
"""
_STATION_DAY = """
SELECT r.station_code, r._day AS day, any_value(s.station_name) AS station_name,
    avg(r.pm25_ugm3) AS mean, count({counted}) AS readings
FROM air.readings r LEFT JOIN air.stations s ON s.station_code = r.station_code
    AND r._day >= s.valid_from AND (s.valid_to IS NULL OR r._day < s.valid_to)
GROUP BY r.station_code, r._day
"""
_CITY_DAY = """
SELECT d.day, sum(d.readings)::BIGINT AS readings, coalesce(any_value(m.total), 0) AS manual
FROM mart.air.station_day d
LEFT JOIN (SELECT _day AS day, {total} AS total FROM air.manual GROUP BY 1) m ON m.day = d.day
GROUP BY d.day
"""


@dataclass
class Declared:
    """What changes of the declarations in a history."""

    writes: tuple[str, str]
    unit: str = "ug/m3"
    highest: int = 1000
    counted: str = "*"
    total: str = "count(*)::DOUBLE"

    def write(self, trial: Trial) -> None:
        elements = _ELEMENTS.replace("[0, 1000]", f"[0, {self.highest}]") + _MORE_ELEMENTS
        trial.declare("workspace", "packs: []\n")
        trial.declare("elements/air", elements)
        trial.declare("codes/air", _CODES)
        trial.declare("datasets/air/stations", _STATIONS)
        for name, mode in zip((READINGS, MANUAL), self.writes, strict=True):
            trial.declare(f"datasets/{name.replace('.', '/')}", self._contract(name, mode))
        for mart, table, grain, columns in (
            ("air", "station_day", "station_code, day", _COLUMNS),
            ("city", "city_day", "day", _CITY_COLUMNS),
        ):
            text = _MART.format(mart=mart, table=table, grain=grain, columns=columns.strip("\n"))
            trial.declare(f"marts/{mart}/mart", text)
        marts = trial.root / "workspace" / "marts"
        (marts / "air/station_day.sql").write_text(_STATION_DAY.format(counted=self.counted), "utf-8")
        (marts / "city/city_day.sql").write_text(_CITY_DAY.format(total=self.total), "utf-8")

    def _contract(self, name: str, mode: str) -> str:
        text = FILES["datasets/air/readings.yaml"].replace("inbox/*.csv", f"inbox/{name}/*.csv")
        lines = [line for line in text.replace(READINGS, name).splitlines() if not line.startswith("write:")]
        expect = "expect: {rows: {min: 0}, quarantine_share: 0.6}"
        return "\n".join([*lines, f"write: {WRITES[mode]}", expect, ""]).replace("unit: ug/m3", f"unit: {self.unit}")
