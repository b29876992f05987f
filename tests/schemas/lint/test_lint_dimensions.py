"""Lint knows dimensions: their columns, that a name and a key belong to one dataset, and the names of schemas."""

from __future__ import annotations

from pathlib import Path

import pytest

from citylake.schemas.lint import lint_workspace
from tests.small_workspace import write_small_workspace

DIMENSION = "dimension: {name: station, key: station_code, label: pm25_ugm3}\n"


def _found(workspace: Path) -> list[tuple[str, str]]:
    return [(each.code, each.path.name) for each in lint_workspace(workspace) if "packs" not in each.path.parts]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    made = write_small_workspace(tmp_path / "workspace")
    file = made / "datasets" / "air" / "readings.yaml"
    file.write_text(file.read_text("utf-8") + DIMENSION, encoding="utf-8")
    return made


def test_a_right_dimension_has_no_finding(workspace: Path) -> None:
    assert _found(workspace) == []


def test_an_unknown_column_is_found(workspace: Path) -> None:
    file = workspace / "datasets" / "air" / "readings.yaml"
    file.write_text(file.read_text("utf-8").replace("label: pm25_ugm3", "label: pm25"), encoding="utf-8")
    assert _found(workspace) == [("COLUMN_UNKNOWN", "readings.yaml")]


def test_a_name_and_a_key_belong_to_one_dataset(workspace: Path) -> None:
    text = (workspace / "datasets" / "air" / "readings.yaml").read_text("utf-8")
    other = workspace / "datasets" / "air" / "second.yaml"
    other.write_text(text.replace("air.readings", "air.second"), encoding="utf-8")
    assert _found(workspace) == [("DIMENSION_TWICE", "second.yaml")] * 2


def test_a_mart_that_is_called_as_a_schema_is_warned_of(workspace: Path) -> None:
    file = workspace / "marts" / "air" / "mart.yaml"
    file.write_text(file.read_text("utf-8").replace("mart: air", "mart: codes"), encoding="utf-8")
    assert ("MART_NAME_AMBIGUOUS", "mart.yaml") in _found(workspace)
