"""Without a workspace, a command that needs one names those that there are, and creates nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from citylake.pipelines.cli import main
from tests.declared import declare_packs

NEED_ONE = (
    ("run",),
    ("pull", "traffic.counts"),
    ("onboard", "http://127.0.0.1:9/x", "--dataset", "air.x"),
    ("lint",),
    ("lineage", "city.day.flow"),
    ("freshness",),
    ("expectations", "--dataset", "traffic.counts"),
    ("upkeep",),
    ("quarantine", "list", "--dataset", "traffic.counts"),
    ("state", "show", "traffic.counts"),
    ("elements", "list"),
    ("elements", "show", "traffic.flow"),
)
NEED_NONE = (("status",), ("ledger", "SELECT 1"), ("query", "city_day", "SELECT 1"), ("backup", "elsewhere"))


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CITYLAKE_WORKSPACE", raising=False)
    monkeypatch.setenv("CITYLAKE_LANG", "en")


@pytest.mark.parametrize("command", NEED_ONE, ids=" ".join)
def test_a_command_that_needs_one_ends_with_2_and_creates_nothing(
    command: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "citylake init DIR" in told.err
    assert list(tmp_path.iterdir()) == []


def test_the_workspaces_below_the_folder_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("workspaces/demo", "workspaces/other", "mine"):
        declare_packs(tmp_path / name)
    assert main(["run", "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == "WORKSPACE_NOT_CHOSEN"
    assert all("mine, workspaces/demo, workspaces/other" in text for text in error["text"].values())


@pytest.mark.parametrize("command", NEED_NONE, ids=" ".join)
def test_a_command_that_needs_none_is_not_stopped(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    main([*command, "--json"])
    assert "WORKSPACE_NOT_CHOSEN" not in capsys.readouterr().out


def test_the_current_folder_is_the_workspace_if_it_has_the_file(tmp_path: Path) -> None:
    declare_packs(tmp_path)
    assert main(["lint"]) == 0


def test_the_variable_counts_as_the_option(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITYLAKE_WORKSPACE", str(declare_packs(tmp_path / "there")))
    assert main(["lint"]) == 0
    assert os.listdir(tmp_path) == ["there"]
