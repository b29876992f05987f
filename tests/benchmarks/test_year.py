"""The generated year is a lake like any other, and a command over it opens no more tables and reads few bytes more."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import DeltaTable

from benchmarks.year.__main__ import write_year
from benchmarks.year.city_year import NEWS, WITH_FILE, CityYear
from benchmarks.year.day_files import day_file
from citylake.pipelines.cli import main
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from tests.forked.commands import ForkedCommands

DAYS, DATASETS, FILES = 84, 5, 12
MOST_BYTES = {"status": 300, "run": 800}
"""Collected for each batch of the year: a run with one new file takes 610."""
MOST_TABLES = 6
"""The year has tables of the ledger that a new lake has not: acts, corrections, removals."""


@dataclass(frozen=True, slots=True)
class ForkedYear(CityYear):
    """Its commands are forks: a dozen processes would take most of the time."""

    def call(self, lake: str, *words: str) -> str:
        command = (str(self.work / "citylake"), "--workspace", str(self.folder), "--lake", lake, *words)
        done = subprocess.run(command, env={**os.environ, **self.env}, capture_output=True, text=True, check=False)
        assert done.returncode in NEWS, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory, forked: ForkedCommands) -> CityYear:
    found = ForkedYear(tmp_path_factory.mktemp("year"), DATASETS)
    forked.write_command(found.work / "citylake")
    write_year(found, found.work / "new", 0)
    write_year(found, found.work / "year", DAYS, FILES)
    return found


@pytest.fixture(autouse=True)
def _variables(city: CityYear, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in city.env.items():
        monkeypatch.setenv(name, value)


def call(city: CityYear, lake: str, *words: str) -> int:
    return main(["--workspace", str(city.folder), "--lake", str(city.work / lake), *words])


def test_the_generated_lake_is_verified_without_a_finding(city: CityYear, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(city, "year", "verify", "--json") == 0
    assert json.loads(capsys.readouterr().out)["findings"] == []


def test_the_ledger_has_the_files_that_were_asked_for(city: CityYear) -> None:
    table = DeltaTable(str(city.work / "year" / "ledger" / "batches"))
    # The present adds files of its own.
    assert len(table.file_uris()) >= FILES
    batches = Ledger(Lake(str(city.work / "year"))).read("batches")
    assert batches.height > DAYS * DATASETS


class Work:
    """What a command does: bytes of collected frames, and opened tables."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.bytes, self.opened = 0, 0
        collect, open_ = pl.LazyFrame.collect, DeltaTable.__init__

        def collected(frame: pl.LazyFrame, *words: Any, **options: Any) -> Any:
            found = collect(frame, *words, **options)
            self.bytes += int(found.estimated_size()) if isinstance(found, pl.DataFrame) else 0
            return found

        def opened(table: DeltaTable, *words: Any, **options: Any) -> None:
            self.opened += 1
            open_(table, *words, **options)

        patch.setattr(pl.LazyFrame, "collect", collected)
        patch.setattr(DeltaTable, "__init__", opened)


@pytest.fixture
def new_file(city: CityYear) -> Iterator[Path]:
    file = city.source(WITH_FILE)
    before = file.read_text()
    yield file
    file.write_text(before)


@pytest.mark.parametrize(
    ("words", "news"),
    [(("status",), False), (("run", "--no-report"), False), (("run", "--no-report"), True)],
    ids=["status", "nothing new", "one new file"],
)
def test_a_command_over_the_year_does_little_more(
    city: CityYear, new_file: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], *, news: bool
) -> None:
    if news:
        new_file.write_text(day_file(datetime.now(UTC).date(), "plain", 5))
    done = {}
    for lake in ("new", "year"):
        with monkeypatch.context() as patch:
            done[lake] = Work(patch)
            assert call(city, lake, *words, "--json") in (0, 2)
    more = (done["year"].bytes - done["new"].bytes) / (DAYS * DATASETS)
    assert more < MOST_BYTES[words[0]], more
    assert done["year"].opened <= done["new"].opened + MOST_TABLES
