"""A small city of one dataset and one mart, and the command line over it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.cli import main
from tests.declared import declare_packs
from tests.kept_folder import KeptFolder

CONTRACT = """
dataset: traffic.counts
title: {zh: 流量, en: counts}
owner: {department: 市交通运输局}
zone: Asia/Shanghai
source: {connector: files, path: "${COUNTS}/*.csv", format: csv}
fields:
  时间: {element: time.hour_start, format: "%Y-%m-%d %H:%M"}
  设备: {element: traffic.device_code}
  流量: {element: traffic.flow, required: true}
rules:
  - issue: FLOW_AT_NIGHT
    when: flow_veh > 900
    severity: warning
    text: {zh: 流量过大, en: a very high flow}
write: {mode: upsert, key: [device_code, hour_start], partition: day(hour_start)}
expect: {quarantine_share: 0.6}
"""
MART = """
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
"""
SQL = "SELECT _day AS day, sum(flow_veh)::BIGINT AS flow_veh FROM traffic.counts GROUP BY ALL"
GOOD = "时间,设备,流量\n2026-03-01 08:00,JT0000000001,10\n2026-03-01 09:00,JT0000000001,20\n"


@dataclass
class City:
    """A workspace, a lake, and the folder that the department drops its files into."""

    root: Path
    capsys: pytest.CaptureFixture[str]

    @property
    def files(self) -> Path:
        return self.root / "files"

    def drop(self, name: str, text: str) -> None:
        (self.files / name).write_text(text, encoding="utf-8")

    def call(self, *arguments: str) -> tuple[int, str, str]:
        """Run a command: its exit code, standard output and standard error."""
        options = ["--workspace", str(self.root / "workspace"), "--lake", str(self.root / "lake")]
        code = main([*options, *arguments])
        out, err = self.capsys.readouterr()
        return code, out, err

    def json(self, *arguments: str) -> tuple[int, Any]:
        """Run a command with ``--json``: its exit code and the document, which must be all of standard output."""
        code, out, _ = self.call(*arguments, "--json")
        return code, json.loads(out)


KeptCity = Callable[[Callable[[City], object]], City]


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> City:
    found = city_in(tmp_path, monkeypatch, capsys)
    declare_city(found)
    return found


@pytest.fixture
def kept_city(kept: KeptFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> KeptCity:
    """Gives the small city as a function leaves it, for all tests of a file: it is called for the first one only."""
    found = city_in(kept.root, monkeypatch, capsys)

    def make(begin: Callable[[City], object]) -> City:
        def begun() -> None:
            declare_city(found)
            begin(found)

        kept.restore(begun)
        return found

    return make


@pytest.fixture
def ran(kept_city: KeptCity) -> City:
    """The small city after its first run."""
    return kept_city(lambda city: city.json("run"))


def city_in(root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> City:
    monkeypatch.setenv("COUNTS", str(root / "files"))
    monkeypatch.setenv("CITYLAKE_LANG", "en")
    return City(root, capsys)


def declare_city(city: City) -> None:
    mart = city.root / "workspace" / "marts" / "traffic"
    datasets = city.root / "workspace" / "datasets" / "traffic"
    for folder in (mart, datasets, city.files):
        folder.mkdir(parents=True)
    declare_packs(city.root / "workspace")
    (datasets / "counts.yaml").write_text(CONTRACT, encoding="utf-8")
    (mart / "mart.yaml").write_text(MART, encoding="utf-8")
    (mart / "day.sql").write_text(SQL, encoding="utf-8")
    city.drop("a.csv", GOOD)
