"""A small city whose marts run on an endpoint, by the command ``citylake run``."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from citylake.pipelines.cli import main
from tests.small_workspace import write_small_workspace

HEAD = "station,hour,pm25\n"
MART = """
mart: air
title: {zh: 空气, en: air}
audience: {zh: 分析人员, en: analysts}
timeout: TIMEOUT
tables:
  station_day:
    title: {zh: 站点日均值, en: daily means of the stations}
    engine: ENGINE
    grain: [station_code, day]
    day: day
    columns:
      station_code: {element: place.station_code}
      day: {element: time.day}
      pm25_ugm3: {element: air.pm25, text: {zh: 日均值, en: mean of the day}}
      readings: {text: {zh: 读数个数, en: number of readings}}
  station_hour:
    title: {zh: 站点小时, en: stations by hour}
    grain: [station_code, hour_start]
    day: day
    columns:
      station_code: {element: place.station_code}
      hour_start: {element: time.hour_start}
      day: {element: time.day}
      pm25_ugm3: {element: air.pm25}
  station_total:
    title: {zh: 站点合计, en: totals of the stations}
    engine: ENGINE
    grain: [station_code]
    columns:
      station_code: {element: place.station_code}
      readings: {text: {zh: 读数个数, en: number of readings}}
      hours: {text: {zh: 小时数, en: number of hours}}
  city_day:
    title: {zh: 全市日均值, en: daily means of the city}
    engine: SIZED
    grain: [day]
    day: day
    columns:
      day: {element: time.day}
      pm25_ugm3: {element: air.pm25}
"""
SQL = {
    "station_day": """
SELECT station_code, _day AS day, avg(pm25_ugm3) AS pm25_ugm3, count(*) AS readings
FROM air.readings GROUP BY ALL
""",
    "station_hour": "SELECT station_code, hour_start, _day AS day, pm25_ugm3 FROM air.readings",
    "station_total": """
WITH h AS (SELECT station_code, count(*) AS hours FROM station_hour GROUP BY station_code)
SELECT d.station_code, sum(d.readings)::BIGINT AS readings, max(h.hours) AS hours
FROM station_day AS d LEFT JOIN h ON h.station_code = d.station_code GROUP BY d.station_code
""",
    "city_day": "SELECT day, avg(pm25_ugm3) AS pm25_ugm3 FROM station_day GROUP BY day",
}
TABLES = tuple(SQL)


@dataclass(frozen=True)
class RunningCity:
    """A workspace with raw files, and its lake."""

    root: Path
    lake: str

    @classmethod
    def made(cls, folder: Path, engine: str, lake: str = "", sized: str = "auto", **sql: str) -> RunningCity:
        """Write it below ``folder``; ``engine`` of two tables, ``sized`` of one, and ``sql`` in place of theirs."""
        city = cls(write_small_workspace(folder / "workspace"), lake or str(folder / "lake"))
        (city.root / "marts/air/station_day.sql").unlink()
        city.declare(engine, sized, **sql)
        return city

    def declare(self, engine: str, sized: str = "auto", timeout: str = "1h", **sql: str) -> None:
        """Write the mart."""
        text = MART.replace("ENGINE", engine).replace("SIZED", sized).replace("TIMEOUT", timeout)
        (self.root / "marts/air/mart.yaml").write_text(text, encoding="utf-8")
        for table, select in {**SQL, **sql}.items():
            (self.root / f"marts/air/{table}.sql").write_text(select, encoding="utf-8")

    def deliver(self, name: str, *lines: str) -> None:
        """A raw file arrives."""
        (self.root / f"inbox/{name}.csv").write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")

    def call(self, *words: str) -> tuple[int, Any]:
        """A command's exit code and its JSON document."""
        printed = io.StringIO()
        with redirect_stdout(printed), redirect_stderr(io.StringIO()):
            code = main(["--workspace", str(self.root), "--lake", self.lake, *words, "--json"])
        return code, json.loads(printed.getvalue())

    def mart(self, *words: str) -> dict[str, Any]:
        """What ``citylake run`` says of the mart."""
        told: dict[str, Any] = self.call("run", *words)[1]["marts"][0]
        return told

    def published(self) -> dict[str, list[dict[str, Any]]]:
        """The rows of every published table, in order."""
        return {name: self._rows(name) for name in TABLES}

    def _rows(self, table: str) -> list[dict[str, Any]]:
        code, told = self.call("query", "air", f"SELECT * FROM {table} ORDER BY ALL")
        assert code == 0
        rows: list[dict[str, Any]] = told["rows"]
        return rows
