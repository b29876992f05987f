"""A small city whose history consists of single changes, each of which concerns stations of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

import citylake
from citylake.pipelines.cli import main
from tests.small_workspace import write_small_workspace

NUMBERS = range(4)
"""How often each kind of change can occur in one history."""
HEADER = "station,hour,pm25\n"
MART = """
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
  station:
    title: {zh: 站点, en: stations}
    grain: [station_code]
    columns:
      station_code: {element: place.station_code}
      days: {text: {zh: 天数, en: days}}
      highest_ugm3: {element: air.pm25, text: {zh: 最高日均值, en: highest mean of a day}}
"""
STATION = "SELECT station_code, count(*) AS days, max(pm25_ugm3) AS highest_ugm3 FROM station_day GROUP BY ALL\n"
REGION = """
mart: region
title: {zh: 区域, en: region}
audience: {zh: 分析人员, en: analysts}
tables:
  highest:
    title: {zh: 最高值, en: the highest}
    grain: [station_code]
    columns:
      station_code: {element: place.station_code}
      highest_ugm3: {element: air.pm25}
"""


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _swap(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@dataclass(frozen=True)
class City:
    """The workspace and the lake below ``root``."""

    root: Path
    url: str = ""
    """The lake, if it is elsewhere."""

    @property
    def lake(self) -> citylake.Lake:
        return citylake.Lake(self.url or self.root / "lake")

    @property
    def workspace(self) -> citylake.Workspace:
        return citylake.Workspace.load(self.folder)

    @property
    def folder(self) -> Path:
        return self.root / "city"

    def begin(self) -> None:
        """Make the workspace, deliver two days of every station and publish the first version."""
        write_small_workspace(self.folder)
        _write(self.folder / "marts/air/mart.yaml", MART)
        _write(self.folder / "marts/air/station.sql", STATION)
        with (self.folder / "datasets/air/readings.yaml").open("a", encoding="utf-8") as file:
            file.write("expect: {quarantine_share: 0.7}\n")
        stations = [f"{kind}{n}" for kind in ("late", "revised", "other", "held") for n in NUMBERS]
        rows = [f"{each},2026-03-0{day} 0{hour}:00,{hour}.5" for each in stations for day in (1, 2) for hour in (8, 9)]
        rows += [f"value{n},2026-03-01 08:00,12.5" for n in NUMBERS] + [
            f"row{n},2026-03-01 08:00,12.5" for n in NUMBERS
        ]
        rows += [f"value{n},2026-03-01 09:00,text {n}" for n in NUMBERS]
        rows += [f"row{n},2026-03-01 09:00,500{n}" for n in NUMBERS]
        (self.folder / "inbox/air.csv").unlink()
        self.deliver("base", *rows)

    def add_region(self) -> None:
        """Declare a mart that reads the other one."""
        _write(self.folder / "marts/region/mart.yaml", REGION)
        _write(self.folder / "marts/region/highest.sql", "SELECT station_code, highest_ugm3 FROM mart.air.station\n")

    def run(self) -> None:
        """Run everything that is new."""
        citylake.run(self.workspace, self.lake)

    def deliver(self, name: str, *rows: str) -> None:
        """Deliver a file, and run."""
        _write(self.folder / f"inbox/{name}.csv", HEADER + "".join(f"{row}\n" for row in rows))
        self.run()

    def replay(self, *options: str) -> None:
        """``citylake replay``."""
        shared = ("--workspace", str(self.folder), "--lake", self.lake.url)
        assert main([*shared, "replay", *(options or ("--quarantine",))]) == 0

    def versions(self) -> list[str]:
        """The published versions of the mart, oldest first."""
        found = self.lake.ledger(
            "SELECT version FROM publications WHERE mart = 'air' AND status = 'published' ORDER BY sequence"
        )
        return found["version"].to_list()

    def diff(self, before: str = "previous", after: str = "current", mart: str = "air") -> pl.DataFrame:
        return self.lake.diff(mart, before, after, workspace=self.workspace)


def late(city: City, n: int) -> None:
    """A reading of the first day, although the mart has the second."""
    city.deliver(f"late{n}", f"late{n},2026-03-01 1{n}:00,9{n}")


def revised(city: City, n: int) -> None:
    """Another value of a reading that is there."""
    city.deliver(f"revised{n}", f"revised{n},2026-03-01 09:00,8{n}")


def delivery(city: City, n: int) -> None:
    """A new station on a day that is newer than all others."""
    city.deliver(f"new{n}", f"new{n},2026-03-1{n} 09:00,7{n}")


def value(city: City, n: int) -> None:
    """A person says what a text means, and its row is read again."""
    text, means = f"text {n}", f"6{n}"
    citylake.correct_value(city.workspace, city.lake, "air.readings", "pm25", text, means, why="known", user="li")
    city.replay()


def row(city: City, n: int) -> None:
    """A person releases one row that is out of range."""
    rows = city.lake.quarantine_states("air.readings").filter(pl.col("raw").str.contains(f"500{n}")).collect()
    citylake.release_rows(city.workspace, city.lake, rows["row_id"].to_list(), why="measured twice", user="wang")
    city.replay()


def held(city: City, n: int) -> None:
    """A file with too many refused rows is held, and released by a person."""
    bad = [f"held{n},2026-03-01 1{hour}:30,unknown {n}" for hour in range(4)]
    city.deliver(f"held{n}", f"held{n},2026-03-01 1{n}:00,5{n}", *bad)
    (found,) = citylake.held_batches(city.workspace, city.lake)
    citylake.release_batch(city.workspace, city.lake, found.batch, why="a new sensor", user="li")


def contract(city: City, _: int) -> None:
    """The contract reads the values in another unit, and every file is read again."""
    path = city.folder / "datasets/air/readings.yaml"
    old, new = "unit: ug/m3}", "unit: ng/m3}"
    was = path.read_text("utf-8")
    _swap(path, *((old, new) if old in was else (new, old)))
    city.run()


def sql(city: City, _: int) -> None:
    """The SELECT forms another mean."""
    path = city.folder / "marts/air/station_day.sql"
    old, new = "avg(pm25_ugm3) AS", "avg(pm25_ugm3) + 1 AS"
    was = path.read_text("utf-8")
    _swap(path, *((new, old) if new in was else (old, new)))
    city.run()


CHANGES: dict[str, tuple[Callable[[City, int], None], str, str]] = {
    "late": (late, "late", "late"),
    "revised": (revised, "late", "revised"),
    "delivery": (delivery, "delivery", "new"),
    "value": (value, "correction", "value"),
    "row": (row, "correction", "row"),
    "held": (held, "released", "held"),
    "contract": (contract, "contract", ""),
    "sql": (sql, "sql", ""),
}
"""Change → what makes it, the kind of its cause, and the beginning of its stations' names (empty: all stations)."""
