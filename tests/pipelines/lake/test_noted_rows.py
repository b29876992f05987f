"""The rows of a table are told by its last commit, and never by one that another program has overtaken."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from deltalake import DeltaTable, write_deltalake

from citylake.pipelines.cli import main
from citylake.pipelines.flow.status_document import table_rows
from citylake.pipelines.lake import delta_table
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.noted_rows import count_rows, noted_rows
from tests.small_workspace import write_small_workspace

DATASET = "air.readings"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake of one run: four rows are good, one is refused."""
    folder = tmp_path_factory.mktemp("noted")
    root = write_small_workspace(folder / "workspace")
    assert main(["--workspace", str(root), "--lake", str(folder / "lake"), "run", "--json"]) == 0
    return Lake(str(folder / "lake"))


def test_a_run_notes_the_rows_of_both_tables(written: Lake) -> None:
    assert noted_rows(written, written.standard(DATASET)) == 4
    assert noted_rows(written, written.quarantine(DATASET)) == 1
    assert noted_rows(written, written.standard("air.none")) == 0


def test_status_does_not_open_a_table_for_them(written: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any, **__: Any) -> DeltaTable:
        raise AssertionError("the table was opened")

    monkeypatch.setattr(delta_table, "open_delta", refused)
    assert table_rows(written, DATASET) == 4


def test_after_another_program_the_files_are_counted(written: Lake, tmp_path: Path) -> None:
    lake = Lake(str(shutil.copytree(written.url, tmp_path / "lake")))
    DeltaTable(lake.standard(DATASET)).delete("station_code = 'S2'")
    assert noted_rows(lake, lake.standard(DATASET)) is None
    assert table_rows(lake, DATASET) == 3


def test_files_without_statistics_are_not_counted(tmp_path: Path) -> None:
    write_deltalake(str(tmp_path), pl.DataFrame({"n": [1, 2]}))
    entry = tmp_path / "_delta_log" / f"{0:020}.json"
    entry.write_text("".join(map(_without_statistics, entry.read_text().splitlines())))
    assert count_rows(DeltaTable(str(tmp_path))) is None


def _without_statistics(line: str) -> str:
    action = json.loads(line)
    if "add" in action:
        action["add"]["stats"] = None
    return f"{json.dumps(action)}\n"
