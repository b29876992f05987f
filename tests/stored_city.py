"""A small city whose lake lies on an object store, and what its commands tell.

Its runs take many seconds on a store: they are told once in a process, and each test gets the objects that they left.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citylake.pipelines.cli import main
from citylake.pipelines.lake.lake_zones import Lake
from tests.declared import declare_packs

FILES = {
    "workspace.yaml": "packs: [base, government, traffic]\n",
    "datasets/counts.yaml": """
dataset: traffic.counts
title: {zh: 流量, en: counts}
owner: {department: 市交通运输局}
zone: Asia/Shanghai
source: {connector: files, path: "${FILES}/counts*.csv", format: csv}
fields:
  时间: {element: time.hour_start, format: "%Y-%m-%d %H:%M"}
  设备: {element: traffic.device_code}
  流量: {element: traffic.flow, required: true}
write: {mode: upsert, key: [device_code, hour_start], partition: day(hour_start)}
expect: {quarantine_share: 0.6}
""",
    "datasets/devices.yaml": """
dataset: traffic.devices
title: {zh: 设备, en: devices}
owner: {department: 市交通运输局}
source: {connector: files, path: "${FILES}/devices*.csv", format: csv, name_fields: "(?P<day>[0-9-]{10})"}
fields:
  设备: {element: traffic.device_code}
  路段: {element: traffic.segment_code}
  day: {element: time.day, format: "%Y-%m-%d"}
write: {mode: snapshot, key: [device_code], effective: day}
""",
    "marts/traffic/mart.yaml": """
mart: traffic
title: {zh: 交通, en: traffic}
audience: {zh: 分析员, en: analysts}
tables:
  day:
    title: {zh: 每日流量, en: flow by day}
    grain: [day]
    day: day
    columns:
      day: {element: time.day}
      flow_veh: {element: traffic.flow}
      devices: {text: {zh: 设备数, en: devices}}
""",
    "marts/traffic/day.sql": """
SELECT _day AS day, sum(flow_veh)::BIGINT AS flow_veh, count(DISTINCT devices.device_code) AS devices
FROM traffic.counts LEFT JOIN (FROM traffic.devices WHERE valid_to IS NULL) AS devices USING (device_code)
GROUP BY ALL
""",
}
HEAD = "时间,设备,流量\n"
STEPS = {
    "first": {
        "counts 1.csv": HEAD + "2026-03-01 08:00,JT0000000001,10\n2026-03-01 09:00,JT0000000001,20\n",
        "counts [2].csv": HEAD + "2026-03-02 08:00,JT0000000001,30\n2026-03-02 09:00,JT0000000001,many\n",
        "devices 2026-03-01.csv": "设备,路段\nJT0000000001,A1\nJT0000000002,A2\n",
    },
    "again": {},
    "corrected": {
        "counts 3.csv": HEAD + "2026-03-01 09:00,JT0000000001,25\n2026-03-02 08:00,JT0000000001,30\n",
        "devices 2026-03-02.csv": "设备,路段\nJT0000000001,B7\n",
    },
    "held": {"counts 4.csv": HEAD + "2026-03-03 08:00,JT0000000001,bad\n" * 3},
}
ASK = ("query", "traffic", "SELECT * FROM day ORDER BY day")


@dataclass(frozen=True)
class City:
    """One workspace and its files over one lake, and what each step of the story told."""

    root: Path
    lake: Lake
    told: dict[str, tuple[int, Any]]

    def call(self, *arguments: str) -> tuple[int, str]:
        """A command's exit code and all that it printed."""
        printed = io.StringIO()
        options = ["--workspace", str(self.root / "workspace"), "--lake", self.lake.url]
        with redirect_stdout(printed), redirect_stderr(printed):
            code = main([*options, *arguments])
        return code, printed.getvalue()

    def json(self, *arguments: str) -> tuple[int, Any]:
        code, printed = self.call(*arguments, "--json")
        return code, json.loads(printed)

    def table(self, place: str) -> pl.DataFrame:
        """A Delta table without what is new in every run, in a fixed order."""
        rows = pl.read_delta(place, storage_options=self.lake.storage_options)
        told_apart = [name for name in rows.columns if "receipt" in name or name in ("quarantined_at", "_run")]
        return rows.drop(told_apart).select(sorted(set(rows.columns) - set(told_apart))).sort(pl.exclude(pl.List))


def story(root: Path, lake: str, *, report: bool = False, steps: Iterable[str] = STEPS) -> City:
    """The same files, a run after each of the same steps; ``report``: the first one makes the site."""
    declare_packs(root / "workspace")
    for name, text in FILES.items():
        put(root / "workspace" / name, text)
    files = root / "files"
    city = City(root, Lake(lake), {})
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FILES", str(files))
        for step in steps:
            for name, text in STEPS[step].items():
                put(files / name, text)
            city.told[step] = city.json("run", *(["--report"] if report and step == "first" else []))
    return city


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


_NEAR: list[City] = []


def folder_city(temporary: pytest.TempPathFactory) -> City:
    """The story over a folder, told once. No test may change it."""
    if not _NEAR:
        root = temporary.mktemp("near")
        _NEAR.append(story(root, str(root / "lake")))
    return _NEAR[0]


_TOLD: list[tuple[City, dict[str, bytes]]] = []
"""The story over a store, and the objects that it left; empty before the first test that needs them."""


def stored_city(temporary: pytest.TempPathFactory, lake: str) -> City:
    """The story over ``lake``, on a store. It is the test's own; the workspace and the files are not."""
    if not _TOLD:
        city = story(temporary.mktemp("far"), lake, report=True)
        _TOLD.append((city, objects_of(city.lake)))
        return city
    city, left = _TOLD[0]
    put_objects(lake, left)
    return replace(city, lake=Lake(lake))


def objects_of(lake: Lake) -> dict[str, bytes]:
    """Every object of a lake, by its name in it."""
    root = lake.url.partition("://")[2]
    found = lake.fs.cat(lake.fs.find(lake.url), recursive=False)
    return {path.removeprefix(f"{root}/"): content for path, content in found.items()}


def put_objects(lake: str, objects: dict[str, bytes]) -> None:
    """Let the objects be those of ``lake``."""
    Lake(lake).fs.pipe({f"{lake}/{name}": content for name, content in objects.items()})
