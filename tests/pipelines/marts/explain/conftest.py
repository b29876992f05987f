"""A published mart with codes that changed their names, stations that a register describes, and hours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from citylake.pipelines.marts.make.mart_builder import build_mart
from citylake.pipelines.marts.publish.publish_version import publish_mart

D1, D2 = date(2026, 2, 16), date(2026, 2, 28)
ELEMENTS = """
- id: place.zone_code
  symbol: zone_code
  name: {zh: 片区代码, en: zone code}
  definition: {zh: 片区的代码, en: the code of a zone}
  object_class: 片区
  property: 代码
  representation: code
  type: string
  codes: place.zone
- id: place.keeper
  symbol: keeper
  name: {zh: 看护人, en: keeper}
  definition: {zh: 站点看护人, en: who looks after a station}
  object_class: 站点
  property: 看护人
  representation: name
  type: string
  sensitivity: {grade: L3, openness: none, personal: ordinary}
"""
CODES = """
- id: place.zone
  name: {zh: 片区, en: zones}
  dimension: {name: region, level: 3}
  values:
    - {code: "1", name: {zh: 老城, en: old town}, valid_to: 2026-02-20, parent: "0"}
    - {code: "1", name: {zh: 古城, en: ancient town}, valid_from: 2026-02-20, parent: "0"}
    - {code: "2", name: {zh: 新城, en: new town}}
"""
MART = """
mart: air
title: {zh: 空气, en: air}
audience: {zh: 分析人员, en: analysts}
description: {zh: 站点与时间, en: stations and hours}
owner: {department: 环境局, steward: air@example.org}
licence: {zh: 注明来源, en: name the source}
questions:
  - id: stations
    text: {zh: 有几个站, en: how many stations}
    sql: SELECT count(DISTINCT station_code) FROM station_hour
tables:
  station_hour:
    title: {zh: 站点小时, en: "station's hour"}
    description: {zh: 每站每小时一行, en: one row a station and hour}
    caveats: [{zh: 二月试运行, en: "trial operation in February"}]
    grain: [station_code, hour_start]
    day: day
    columns:
      station_code: {element: place.station_code}
      hour_start: {element: time.hour_start}
      day: {element: time.day}
      zone_code: {element: place.zone_code}
      pm25_ugm3: {element: air.pm25, empty: {zh: 仪器停机, en: the instrument was off}}
  zones:
    title: {zh: 片区, en: zones}
    grain: [zone_code]
    columns:
      zone_code: {element: place.zone_code}
      pm25_ugm3: {element: air.pm25}
"""
SQL = {
    "station_hour": "SELECT station_code, hour_start, _day AS day, '1' AS zone_code, pm25_ugm3 FROM air.readings",
    "zones": "-- citylake: allow MEAN because zones are small\nSELECT zone_code, avg(pm25_ugm3) AS pm25_ugm3 "
    "FROM station_hour GROUP BY zone_code",
}


@dataclass
class Published:
    """A city, and the file that was published of it."""

    city: Any
    path: str

    def ask(self, sql: str, zone: str = "Asia/Shanghai") -> list[tuple[Any, ...]]:
        """What the file answers in a session of ``zone``, opened as any tool opens it."""
        with duckdb.connect(self.path, read_only=True) as connection:
            connection.execute(f"SET TimeZone = '{zone}'")
            return connection.execute(sql).fetchall()

    def again(self) -> Any:
        """Publish what the declarations and the tables are now."""
        registry = self.city.registry
        return publish_mart(build_mart(registry.marts["air"], registry, self.city.lake), registry, self.city.lake)


def explained_city(made: Any) -> Published:
    """Declare and fill the city ``made``, and publish its mart."""
    (made.root / "elements" / "zones.yaml").write_text(ELEMENTS, encoding="utf-8")
    (made.root / "codes").mkdir(exist_ok=True)
    (made.root / "codes" / "zones.yaml").write_text(CODES, encoding="utf-8")
    made.mart("air", MART, SQL)
    for old in ("summary", "station_day"):
        (made.root / "marts" / "air" / f"{old}.sql").unlink(missing_ok=True)
    made.readings(D1, {"a": 60.0, "b": 20.0})
    made.readings(D2, {"a": 30.0})
    made.stations({"a": "甲", "b": "乙", "c": "丙"})
    declare_dimension(made, "label: station_name")
    published = Published(made, "")
    published.path = published.again().path
    return published


def declare_dimension(made: Any, words: str) -> None:
    """Let the stations of the city be a dimension."""
    file = made.root / "datasets" / "place.stations.yaml"
    kept = file.read_text(encoding="utf-8").split("dimension:")[0]
    file.write_text(f"{kept}dimension: {{name: station, key: station_code, {words}}}\n", encoding="utf-8")


@pytest.fixture(scope="module")
def published(make_city: Callable[[Path], Any], tmp_path_factory: pytest.TempPathFactory) -> Published:
    """One publication for the questions of a file of tests."""
    return explained_city(make_city(tmp_path_factory.mktemp("explained")))


@pytest.fixture
def fresh(small_city: Any) -> Published:
    """One that a test may change."""
    return explained_city(small_city)
