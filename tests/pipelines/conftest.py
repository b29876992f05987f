"""A small lake that marts are made in: two standard tables, written as a commit writes them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from deltalake import CommitProperties, write_deltalake

from citylake.pipelines.lake.delta_table import delta_version
from citylake.pipelines.lake.lake_zones import Lake
from citylake.schemas.read.registry import Registry, load_registry
from tests.kept_folder import KeptFolder

ZONE = ZoneInfo("Asia/Shanghai")
ELEMENT = """
- id: {id}
  symbol: {symbol}
  name: {{zh: {zh}, en: {en}}}
  definition: {{zh: {zh}的定义, en: what {en} is}}
  object_class: 对象
  property: 特性
  representation: {representation}
  type: {type}
"""
ELEMENTS = [
    ("place.station_code", "station_code", "站点编码", "station code", "number", "string"),
    ("place.station_name", "station_name", "站点名称", "station name", "name", "string"),
    ("time.hour_start", "hour_start", "小时起点", "start of the hour", "datetime", "datetime"),
    ("time.day", "day", "日期", "day", "date", "date"),
    ("air.aqi", "aqi", "空气质量指数", "air-quality index", "quantity", "integer"),
    ("air.aqi_edition", "aqi_edition", "指数标准版本", "edition of the index", "code", "string"),
    ("air.pm25", "pm25_ugm3", "细颗粒物浓度", "PM2.5", "quantity", "decimal"),
]
CONTRACT = """
dataset: {dataset}
title: {{zh: 数据, en: data}}
owner: {{department: 局}}
source: {{connector: files, path: x.csv, format: csv}}
fields:
{fields}
write: {write}
"""
READINGS = """
  code: {element: place.station_code}
  hour: {element: time.hour_start}
  pm25: {element: air.pm25}"""
STATIONS = """
  code: {element: place.station_code}
  name: {element: place.station_name}"""
MART = """
mart: air
title: {zh: 空气, en: air}
audience: {zh: 分析人员, en: analysts}
tables:
  summary:
    title: {zh: 汇总, en: summary}
    grain: [station_code]
    columns:
      station_code: {element: place.station_code}
      days: {text: {zh: 天数, en: days}}
  station_day:
    title: {zh: 站点日, en: "station's day"}
    grain: [station_code, day]
    day: day
    lookback_days: 1
    columns:
      station_code: {element: place.station_code}
      day: {element: time.day}
      station_name: {element: place.station_name}
      pm25_ugm3: {element: air.pm25}
      pm25_two_days_ugm3: {element: air.pm25, text: {zh: 两日平均, en: mean of two days}}
      readings: {text: {zh: 读数个数, en: number of readings}}
    checks:
      - name: {zh: 浓度不为负, en: no negative concentration}
        sql: SELECT count(*) FROM station_day WHERE pm25_ugm3 < 0
  station_hour:
    title: {zh: 站点小时, en: "station's hour"}
    grain: [station_code, hour_start]
    day: day
    columns:
      station_code: {element: place.station_code}
      hour_start: {element: time.hour_start}
      day: {element: time.day}
      aqi: {element: air.aqi}
      aqi_edition: {element: air.aqi_edition}
"""
SQL = {
    "summary": "SELECT station_code, sum(1) AS days FROM station_day GROUP BY 1;",
    "station_day": """
WITH days AS (
    SELECT station_code, _day AS day, avg(pm25_ugm3) AS pm25, count(*) AS n FROM air.readings GROUP BY ALL
)
SELECT days.station_code, days.day, station_name, days.pm25 AS pm25_ugm3,
    avg(days.pm25) OVER (
        PARTITION BY station_code ORDER BY days.day RANGE BETWEEN INTERVAL 1 DAY PRECEDING AND CURRENT ROW
    ) AS pm25_two_days_ugm3,
    n AS readings
FROM days LEFT JOIN place.stations USING (station_code)
""",
    "station_hour": """
SELECT station_code, hour_start, _day AS day, index.aqi AS aqi, index.edition AS aqi_edition
FROM (SELECT *, aqi_hourly(hour_start, 1, 1, 0.1, 1, 1, pm25_ugm3) AS index FROM air.readings)
""",
}


@dataclass
class SmallCity:
    """A workspace, a lake, and what a commit would do to its standard tables."""

    root: Path
    lake: Lake

    @property
    def registry(self) -> Registry:
        found = load_registry(self.root)
        assert not found.invalid
        return found

    def mart(self, name: str, declaration: str, sql: dict[str, str]) -> None:
        folder = self.root / "marts" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "mart.yaml").write_text(declaration, encoding="utf-8")
        for table, select in sql.items():
            (folder / f"{table}.sql").write_text(select, encoding="utf-8")

    def readings(self, day: date, values: dict[str, float], dataset: str = "air.readings") -> None:
        """One reading a station at noon of ``day``, in place of what was there."""
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZONE)
        rows = [(code, noon, value, day) for code, value in values.items()]
        schema: dict[str, Any] = {
            "station_code": pl.String,
            "hour_start": pl.Datetime("us", "UTC"),
            "pm25_ugm3": pl.Float64,
        }
        frame = pl.DataFrame(rows, {**schema, "_day": pl.Date}, orient="row")
        self._write(dataset, frame, {"days": [day.isoformat()]}, "_day", f"_day = DATE '{day}'")

    def stations(self, names: dict[str, str]) -> None:
        frame = pl.DataFrame(list(names.items()), ["station_code", "station_name"], orient="row")
        self._write("place.stations", frame, {"days": [], "everything": True}, None, None)

    def _write(
        self, dataset: str, frame: pl.DataFrame, note: dict[str, Any], by: str | None, where: str | None
    ) -> None:
        root = self.lake.standard(dataset)
        exists = delta_version(self.lake, root) >= 0
        provenance = [pl.lit(name).alias(f"_{name}") for name in ("batch", "receipt", "source")]
        write_deltalake(
            root,
            frame.with_columns(
                *provenance, pl.lit(1, pl.Int64).alias("_row"), pl.lit(None, pl.String).alias("_warnings")
            ),
            mode="overwrite",
            storage_options=self.lake.storage_options,
            partition_by=[by] if by else None,
            predicate=where if exists else None,
            commit_properties=CommitProperties(custom_metadata={"citylake": json.dumps(note)}),
        )


@pytest.fixture
def small_city(tmp_path: Path) -> SmallCity:
    return _city(tmp_path)


@pytest.fixture(scope="session")
def make_city() -> Callable[[Path], SmallCity]:
    return _city


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> KeptFolder:
    """What tests of one file begin with."""
    return KeptFolder(tmp_path_factory.mktemp("kept"))


def _city(folder: Path) -> SmallCity:
    root = folder / "workspace"
    keys = ("id", "symbol", "zh", "en", "representation", "type")
    datasets = {
        "air.readings": (READINGS, "{mode: upsert, key: [station_code, hour_start], partition: day(hour_start)}"),
        "place.stations": (STATIONS, "{mode: upsert, key: [station_code]}"),
    }
    _put(root / "workspace.yaml", "packs: []\n")
    _put(root / "elements/all.yaml", "".join(ELEMENT.format(**dict(zip(keys, e, strict=True))) for e in ELEMENTS))
    for dataset, (fields, write) in datasets.items():
        _put(root / f"datasets/{dataset}.yaml", CONTRACT.format(dataset=dataset, fields=fields, write=write))
    city = SmallCity(root, Lake(str(folder / "lake")))
    city.mart("air", MART, SQL)
    return city


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
