"""Which declaration changed between two revisions on record, and what is said where none is known to have changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from citylake.pipelines.history.diff.declared_changes import RecordedDeclarations
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.schemas.read.declaration_texts import DeclarationTexts, read_declaration_texts
from citylake.schemas.read.registry import load_registry
from tests.small_workspace import write_small_workspace


class _Archive:
    """The small workspace, of which changed copies are put on record."""

    def __init__(self, folder: Path) -> None:
        self.ledger = Ledger(Lake(str(folder / "lake")))
        self.texts = read_declaration_texts(load_registry(write_small_workspace(folder / "city")).workspace)
        (folder / "written").mkdir()
        self.declared = RecordedDeclarations(self.ledger, folder / "written")
        self.first = self.ledger.add_revision(self.texts, "run")

    def swap(self, path: str, old: str, new: str) -> str:
        """Record the workspace with another text in one file; return the revision."""
        assert old in self.texts.files.get(path, old)
        text = self.texts.files.get(path, old).replace(old, new)
        return self.ledger.add_revision(DeclarationTexts({**self.texts.files, path: text}), "run")

    def of_dataset(self, revision: str) -> list[tuple[str, str]] | None:
        found = self.declared.dataset_changes("air.readings", self.first, revision)
        return None if found is None else [(each.kind, each.id) for each in found]

    def of_table(self, revision: str) -> list[tuple[str, str]] | None:
        found = self.declared.table_changes("air", "station_day", self.first, revision)
        return None if found is None else [(each.kind, each.id) for each in found]


@pytest.fixture
def archive(tmp_path: Path) -> _Archive:
    return _Archive(tmp_path)


def test_only_declarations_that_concern_the_dataset_are_named(archive: _Archive) -> None:
    contract = archive.swap("workspace/datasets/air/readings.yaml", "zone: Asia/Shanghai", "zone: UTC")
    element = archive.swap("workspace/elements/air.yaml", "range: [0, 1000]", "range: [0, 900]")
    foreign = archive.swap("workspace/elements/air.yaml", "当地日期", "本地日期")
    settings = archive.swap("workspace/workspace.yaml", "packs: []", "packs: []\ntimezone: UTC")
    assert archive.of_dataset(contract) == [("contract", "air.readings")]
    assert archive.of_dataset(element) == [("element", "air.pm25")]
    assert archive.of_dataset(foreign) == [], "the contract does not use that element"
    assert archive.of_dataset(settings) == [("settings", "workspace.yaml")]
    assert archive.of_dataset("0" * 16) is None, "a revision that is not on record"


def test_a_table_has_its_select_its_declaration_then_editions_of_standards(archive: _Archive) -> None:
    select = archive.swap("workspace/marts/air/station_day.sql", "avg(", "max(")
    title = archive.swap("workspace/marts/air/mart.yaml", "站点日均值", "站点均值")
    column = archive.swap("workspace/marts/air/mart.yaml", "zh: 读数个数", "zh: 个数")
    edition = archive.swap("packs/base/indices/air.yaml", "", "edition: 2026\n")
    assert archive.of_table(select) == [("sql", "station_day.sql")]
    assert archive.of_table(title) == []
    assert archive.of_table(column) == [("mart", "air")]
    assert archive.of_table(edition) == [("edition", "air")]


def test_the_changed_lines_of_a_file_are_shown_and_long_ones_cut(archive: _Archive) -> None:
    path = "workspace/marts/air/station_day.sql"
    revision = archive.swap(path, "FROM air.readings", "\n".join(f"-- {n}" for n in range(60)) + "\nFROM air.readings")
    found = archive.declared.table_changes("air", "station_day", archive.first, revision)
    assert found is not None
    (file,) = (each.file for each in found)
    assert file is not None
    assert (file.path, len(file.lines)) == (path, 24)
    assert file.cut > 30
    assert file.lines[0].startswith("@@")
