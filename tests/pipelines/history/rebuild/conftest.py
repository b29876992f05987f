"""A lake in which a file was corrected, then the SQL of the mart changed, each followed by a version."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from citylake.pipelines.cli import main
from citylake.pipelines.lake.lake_zones import POINTER_FILE, Lake
from citylake.pipelines.lake.ledger import Ledger
from tests.small_workspace import write_small_workspace

FIRST = "station,hour,pm25\nS1,2026-03-01 08:00,12.5\nS2,2026-03-01 08:00,31.0\n"
SECOND = "station,hour,pm25\nS1,2026-03-01 08:00,14.5\nS2,2026-03-01 08:00,31.0\nS2,2026-03-02 08:00,9.0\n"


@dataclass
class PastTown:
    """The workspace and its lake, below ``root``."""

    root: Path

    @property
    def workspace(self) -> Path:
        return self.root / "city"

    @property
    def lake(self) -> Lake:
        return Lake(str(self.root / "lake"))

    def deliver(self, text: str, name: str = "air.csv") -> None:
        (self.workspace / "inbox" / name).write_text(text, "utf-8")

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.workspace / file
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")

    def call(self, *arguments: str) -> int:
        return main(["--workspace", str(self.workspace), "--lake", self.lake.url, *arguments])

    def times(self) -> list[str]:
        """When the versions were published, to the microsecond."""
        rows = Ledger(self.lake).read("publications").filter(pl.col("status") == "published")
        return [at.isoformat() for at in rows["published_at"]]

    def rebuild(self, at: str, file: str = "out.duckdb", *more: str) -> int:
        return self.call("rebuild", "air", "--as-of", at, "--output", str(self.root / file), *more)

    def rows(self, file: str = "out.duckdb", table: str = "station_day") -> list[Any]:
        with duckdb.connect(str(self.root / file), read_only=True) as connection:
            return sorted(connection.execute(f"FROM {table}").fetchall(), key=repr)

    def version(self, number: int) -> Path:
        """The file of a version, by its number."""
        return sorted(Path(self.lake.mart("air")).glob("*.duckdb"))[number]

    def pointer(self) -> Any:
        return json.loads((Path(self.lake.mart("air")) / POINTER_FILE).read_text("utf-8"))


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> PastTown:
    """Three versions; no test changes it."""
    town = PastTown(tmp_path_factory.mktemp("lived"))
    write_small_workspace(town.workspace)
    town.deliver(FIRST)
    assert town.call("run") == 0
    town.deliver(SECOND)
    assert town.call("run") == 0
    town.edit("marts/air/station_day.sql", "avg(pm25_ugm3)", "max(pm25_ugm3) + 1")
    assert town.call("run") == 0
    return town


@pytest.fixture
def town(lived: PastTown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PastTown:
    """A copy, and a temporary folder of its own."""
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    monkeypatch.setenv("CITYLAKE_LANG", "en")
    for name in ("city", "lake"):
        shutil.copytree(lived.root / name, tmp_path / name)
    return PastTown(tmp_path)


def local_time(text: str) -> datetime:
    """A time of the ledger."""
    return datetime.fromisoformat(text)
