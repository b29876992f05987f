"""A workspace of one dataset and one mart, a lake, and a collector on the loopback."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.cli import main
from tests.declared import declare_packs
from tests.loopback import City, Reply
from tests.pipelines.cli.conftest import CONTRACT, GOOD, MART, SQL

Event = dict[str, Any]
OTHERS = ("OPENLINEAGE_CONFIG", "OPENLINEAGE_DISABLED", "OPENLINEAGE_NAMESPACE", "OPENLINEAGE_API_KEY")


@dataclass
class Town:
    """What ``citylake run`` works on, and the events that a collector got of it."""

    root: Path
    collector: City

    def drop(self, name: str, text: str) -> None:
        (self.root / "files" / name).write_text(text, encoding="utf-8")

    def run(self) -> int:
        return main(["--workspace", str(self.root / "workspace"), "--lake", str(self.root / "lake"), "run"])

    @property
    def events(self) -> list[Event]:
        return [asked.body for asked in self.collector.asked]

    def of(self, job: str) -> list[Event]:
        return [event for event in self.events if event["job"]["name"] == job]


@pytest.fixture
def town(tmp_path: Path, city: City, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    files = {"datasets/traffic/counts.yaml": CONTRACT, "marts/traffic/mart.yaml": MART, "marts/traffic/day.sql": SQL}
    declare_packs(tmp_path / "workspace")
    for name, text in files.items():
        path = tmp_path / "workspace" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.csv").write_text(GOOD, encoding="utf-8")
    for name in OTHERS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COUNTS", str(tmp_path / "files"))
    monkeypatch.setenv("CITYLAKE_LANG", "en")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("OPENLINEAGE_URL", city.url)
    monkeypatch.chdir(tmp_path)
    city.answer = lambda asked: Reply({}, status=201)
    yield Town(tmp_path, city)
    # OpenLineage's client writes down in the environment what it has read there, and would be on in every test after.
    for name in [name for name in os.environ if name.startswith("OPENLINEAGE__")]:
        del os.environ[name]
